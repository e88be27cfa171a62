"""Drafts of translations: what is sent, what is refused, and that none is said before a person accepts it."""

import json
import secrets

import frappe
import pytest

from school_dialer.campaigns import language_gaps
from school_dialer.campaigns.approval import locks, parts
from school_dialer.desk import templates as desk
from school_dialer.messages import campaign_details, store
from school_dialer.messages.template.accepted import NAMED
from school_dialer.messages.translators import drafting
from school_dialer.messages.translators.base import NotTranslated
from tests.integration import factories as make
from tests.integration.messages.conftest import student

SPANISH = "El concierto es a las seis."


class Machine:
	"""Translates word by word, and notes what it was sent."""

	title = "Machine"

	def __init__(self):
		self.sent: list[str] = []

	def translate(self, lines: list[str], source: str, target: str) -> list[str]:
		self.sent += lines
		return [line.replace("is missing", "falta") for line in lines]


@pytest.fixture
def machine(monkeypatch) -> Machine:
	found = Machine()
	monkeypatch.setattr(drafting, "translator", lambda: found)
	return found


@pytest.fixture
def message() -> str:
	return make.template("Event", said={"voice": "The concert is at six.", "text": "x"})


def asked(words: dict, language: str = "es") -> dict:
	return desk.draft(json.dumps(words), language, "en")


def drafted(words: dict, source: dict) -> str:
	return json.dumps({"by": "Machine", "words": words, "from": source, "left": []})


def spanish(doc):
	return next(row for row in doc.translations if row.language == "es")


def waiting(message: str):
	doc = frappe.get_doc(store.TEMPLATE, message)
	source = {name: doc.translations[0].get(name) for name in ("voice", "voicemail", "text")}
	draft = drafted({"voice": SPANISH}, source)
	doc.append("translations", {"language": "es", "draft": draft})
	return doc.save()


def test_without_a_translator_there_is_no_draft():
	frappe.db.set_single_value("Dialer Settings", "translator", "")
	assert drafting.title() == ""
	with pytest.raises(frappe.ValidationError, match="Choose a translator"):
		asked({"voice": "Hello there."})


def test_a_translator_that_no_app_has_is_refused():
	settings = frappe.get_doc("Dialer Settings")
	settings.translator = "nothing"
	with pytest.raises(frappe.ValidationError, match="deepl, libretranslate"):
		drafting.check_settings(settings)
	settings.translator = " DeepL "
	drafting.check_settings(settings)
	assert settings.translator == "deepl"


def test_no_name_of_a_student_and_no_field_is_sent(machine, family):
	name = f"Q{secrets.token_hex(3)}".translate(str.maketrans("0123456789", "ghijklmnop")).capitalize()
	student(name, family.tag, [])
	found = asked({"voice": f"{name} is missing. Tell {{{{ recipient_name }}}} today.", "text": ""})
	assert found["words"] == {"voice": f"{name} falta. Tell {{{{ recipient_name }}}} today."}
	assert found["by"] == "Machine" and "text" not in found["from"]
	assert machine.sent and not any(name in line or "recipient" in line for line in machine.sent)


def test_what_has_no_words_is_not_sent(machine):
	assert asked({"details": "12:30\n{{ term }}"})["words"] == {"details": "12:30\n{{ term }}"}
	assert machine.sent == []


def test_the_reason_of_a_refusal_is_said(machine, monkeypatch):
	monkeypatch.setattr(machine, "translate", lambda lines, *_languages: ["Hola"] * len(lines))
	with pytest.raises(frappe.ValidationError, match="did not come back"):
		asked({"voice": "Hello {{ recipient_name }}."})
	with pytest.raises(frappe.ValidationError, match="‹img src=x>") as refusal:
		asked({"voice": "Hello {{ recipient_name | default('<img src=x>') }}."})
	assert "<img" not in str(refusal.value)

	def failing(*_asked):
		raise NotTranslated("The translator takes too long.")

	monkeypatch.setattr(machine, "translate", failing)
	with pytest.raises(frappe.ValidationError, match="too long"):
		asked({"voice": "Hello there."})


@pytest.mark.parametrize("words", [{}, {"voice": " "}, {"voice": "x " * 6000}, {"voice_recording": "REC-1"}])
def test_nothing_and_too_much_are_refused(machine, words):
	with pytest.raises(frappe.ValidationError):
		asked(words)
	assert machine.sent == []


def test_only_who_makes_campaigns_asks_for_drafts(machine, user_with):
	frappe.set_user(user_with("Dialer Agent"))
	with pytest.raises(frappe.PermissionError):
		asked({"voice": "Hello there."})
	assert machine.sent == []


def test_a_draft_that_waits_changes_nothing_that_is_said(message):
	before = frappe.get_doc(store.TEMPLATE, message)
	template, seen = store.from_doc(before), parts.translations_of(message)
	doc = waiting(message)
	assert doc.version == before.version and store.from_doc(doc).translations == template.translations
	assert parts.translations_of(message) == seen
	campaign = make.campaign(template=message)
	assert [row["lacks"] for row in language_gaps.of_people(campaign, ["es"])] == ["translation"]


def test_a_draft_in_a_blank_row_is_no_new_version_of_a_message_in_use(message):
	doc = frappe.get_doc(store.TEMPLATE, message)
	version, seen = doc.version, parts.translations_of(message)
	source = {name: doc.translations[0].get(name) for name in ("voice", "voicemail", "text")}
	frappe.db.set_value("Dialer Campaign", make.campaign(template=message).name, "status", "Running")
	doc.append("translations", {"language": "es"})
	doc.save()
	assert doc.version == version and parts.translations_of(message) == seen
	spanish(doc).draft = drafted({"voice": SPANISH}, source)
	doc.save()
	assert doc.version == version and parts.translations_of(message) == seen
	spanish(doc).draft = None
	doc.save()
	assert doc.version == version and parts.translations_of(message) == seen


def test_a_message_in_use_takes_no_draft_into_its_words(message):
	doc = waiting(message)
	frappe.db.set_value("Dialer Campaign", make.campaign(template=message).name, "status", "Running")
	spanish(doc).update({"voice": SPANISH, "accept_draft": 1})
	with pytest.raises(locks.InUse):
		doc.save()


def test_the_person_who_accepts_it_stands_on_the_words(message, user_with):
	doc = waiting(message)
	user = user_with("Dialer Manager")
	frappe.set_user(user)
	spanish(doc).update({"voice": SPANISH, "accept_draft": 1, "accepted_by": "Administrator"})
	row = spanish(doc.save())
	assert (row.drafted_by, row.accepted_by, row.draft) == ("Machine", user, None) and row.accepted_at
	assert [words.language for words in store.template(message).translations] == ["en", "es"]
	assert store.outdated(doc) == []


def test_a_duplicate_keeps_who_accepted_it_and_no_other_document_can_claim_it(message, user_with):
	doc = waiting(message)
	spanish(doc).update({"voice": SPANISH, "accept_draft": 1})
	row = spanish(doc.save())
	named = {name: row.get(name) for name in NAMED}
	frappe.set_user(user_with("Dialer Manager"))
	for voice, by in ((SPANISH, "Administrator"), ("Otra cosa.", frappe.session.user)):
		rows = [{"language": "en", "voice": "x"}, {"language": "es", "voice": voice, **named}]
		values = {"template_name": f"Test {secrets.token_hex(4)}", "purpose": "Event", "voice": 1, "text": 0}
		other = frappe.get_doc({"doctype": store.TEMPLATE, **values, "translations": rows}).insert()
		assert spanish(other).accepted_by == by


def test_details_have_the_name_too_and_know_what_they_were_drafted_from(message):
	draft = drafted({"details": "A las seis."}, {"details": "At six."})
	doc = make.campaign(template=message, details="At six.")
	doc.append("details_translations", {"language": "es", "draft": draft})
	doc.save()
	assert not campaign_details.details_of(doc).others
	doc.details = "At eight."
	doc.details_translations[0].update({"details": "A las seis.", "accept_draft": 1})
	doc.save()
	(row,) = doc.details_translations
	assert row.accepted_by == frappe.session.user and campaign_details.outdated(doc) == ["es"]
	copies = campaign_details.copied(doc)
	other = make.campaign(template=message, details=doc.details, details_translations=copies)
	assert other.details_translations[0].accepted_by == row.accepted_by
	assert campaign_details.outdated(other) == ["es"]
