"""English changed after Spanish: the composer, the review, the start, rules and the kit say so."""

import frappe
import pytest
from frappe.utils import add_to_date

from school_dialer import scheduler
from school_dialer.base import clock, states
from school_dialer.campaigns import actions
from school_dialer.campaigns.approval import locks
from school_dialer.campaigns.plausibility import questions
from school_dialer.desk import campaigns as desk
from school_dialer.emergency_kit import words as kit_words
from school_dialer.messages import store
from tests.integration import factories as make
from tests.integration.with_carrier.running import state_of

CHANGED = "English changed after Spanish."


@pytest.fixture
def message() -> str:
	name = make.template("Event", said={"voice": "The concert is at six.", "text": "x"})
	doc = frappe.get_doc(store.TEMPLATE, name)
	doc.append("translations", {"language": "es", "voice": "El concierto es a las seis.", "text": "x"})
	doc.save()
	return name


def rewritten(name: str, language: str = "en", **words):
	doc = frappe.get_doc(store.TEMPLATE, name)
	row = next(row for row in doc.translations if row.language == language)
	row.update(words or {"voice": "The concert is at eight."})
	return doc.save()


def shown(name: str) -> list[str]:
	doc = frappe.get_doc(store.TEMPLATE, name)
	doc.run_method("onload")
	return doc.get_onload("outdated")


def draft(message: str, languages=("en", "es", "es"), **values):
	people = [(make.phone("312"), one) for one in languages]
	for number, _language in people:
		make.consent(number)
	lines = ["name,phone,language", *(f"Someone,{number},{language}" for number, language in people)]
	content = {"content": "\n".join(lines), "is_private": 1}
	file = frappe.get_doc({"doctype": "File", "file_name": "outdated.csv", **content}).insert()
	return make.campaign(template=message, audience_file=file.file_url, **values)


def said(questions_: list[dict]) -> list[str]:
	return [one["sentence"] for one in questions_]


def test_the_composer_marks_it_until_it_is_written_again(message):
	assert shown(message) == []
	frappe.clear_messages()
	rewritten(message)
	assert shown(message) == ["es"]
	assert CHANGED in str(frappe.message_log)
	rewritten(message, "es", voice="El concierto es a las ocho.")
	assert shown(message) == []


def test_the_source_is_what_the_language_of_the_messages_own_school_says(message, monkeypatch):
	rewritten(message)
	doc = frappe.get_doc(store.TEMPLATE, message)
	doc.run_method("onload")
	assert doc.get_onload("source") == "en"
	monkeypatch.setattr(store.registry, "language", lambda _school=None: "es")
	doc.run_method("onload")
	assert doc.get_onload("source") == "es"


def test_a_translation_without_a_language_is_refused_and_no_error_of_the_server(message):
	doc = frappe.get_doc(store.TEMPLATE, message)
	unnamed = {"voice": "The concert is at six.", "text": "x"}
	doc.set("translations", [unnamed, *map(content, doc.translations)])
	with pytest.raises(frappe.ValidationError):
		doc.save()


def content(row) -> dict:
	return {field: row.get(field) for field in ("language", "voice", "voicemail", "text")}


def test_a_translator_may_say_that_it_is_still_right_while_a_campaign_uses_it(message):
	rewritten(message, voice="The concert is at six o'clock.")
	doc = draft(message)
	doc.db_set("status", "Scheduled")
	version = frappe.db.get_value(store.TEMPLATE, message, "version")
	rewritten(message, "es", still_right=1)
	assert shown(message) == [] and frappe.db.get_value(store.TEMPLATE, message, "version") == version
	with pytest.raises(locks.InUse):
		rewritten(message)


def test_the_review_counts_who_gets_the_older_words(message):
	doc = draft(message)
	assert desk.preview_audience(doc.name)["outdated"] == []
	rewritten(message)
	found = desk.preview_audience(doc.name)
	assert found["outdated"] == [{"language": "es", "people": 2, "of": "message", "source": "en"}]
	assert CHANGED in said(found["questions"])
	assert desk.preview_audience(draft(message, ["en"]).name)["outdated"] == []


def test_the_start_asks_about_it_and_a_rule_is_not_held_up(school, message):
	rewritten(message)
	doc = draft(message)
	with pytest.raises(questions.NotConfirmed, match="English changed after Spanish"):
		actions.start(doc.name)
	keys = [one["key"] for one in desk.preview_audience(doc.name)["questions"]]
	assert actions.start(doc.name, agreed=keys) == states.PREPARING
	assert CHANGED in frappe.db.get_value("Dialer Campaign", doc.name, "asked_before_start")
	by_rule = draft(message)
	by_rule.rule = "some rule"
	assert CHANGED not in said(questions.questions_for(by_rule))


def test_what_was_confirmed_in_one_language_is_not_asked_again_in_another(school, message, monkeypatch):
	"""The job that starts a scheduled campaign has no user, and so the site's language."""
	rewritten(message)
	doc = draft(message, scheduled_at=add_to_date(clock.db_now(), hours=1))
	with monkeypatch.context() as in_spanish:
		in_spanish.setattr(frappe.local, "lang", "es")
		found = desk.preview_audience(doc.name)["questions"]
		assert any("cambió después de" in one for one in said(found))
		actions.schedule(doc.name, agreed=[one["key"] for one in found])
	frappe.db.set_value("Dialer Campaign", doc.name, "scheduled_at", clock.db_now())
	scheduler.start_due()
	assert state_of(doc) == states.PREPARING


def test_outdated_details_are_another_question_than_an_outdated_message(message):
	rewritten(message, voice="{{ campaign_details }}")
	rewritten(message, "es", voice="{{ campaign_details }}")
	rows = [{"language": "es", "details": "A las seis."}]
	doc = draft(message, details="At six.", details_translations=rows)
	doc.reload()
	doc.details = "At eight."
	doc.save()
	rewritten(message, voice="At eight. {{ campaign_details }}")
	found = [one for one in questions.questions_for(doc) if "changed" in one["sentence"]]
	assert said(found) == [CHANGED, "English changed after Spanish in the details."]
	assert len({one["key"] for one in found}) == 2


def test_details_know_what_they_were_made_from_too(message):
	rewritten(message, voice="{{ campaign_details }}")
	rewritten(message, "es", voice="{{ campaign_details }}")
	rows = [{"language": "es", "details": "A las seis."}]
	doc = draft(message, details="At six.", details_translations=rows)
	assert desk.preview_audience(doc.name)["outdated"] == []
	doc.reload()
	doc.details = "At eight."
	doc.save()
	(row,) = desk.preview_audience(doc.name)["outdated"]
	assert (row["of"], row["language"], row["people"]) == ("details", "es", 2)
	doc.reload()
	doc.details_translations[0].details = "A las ocho."
	doc.save()
	assert desk.preview_audience(doc.name)["outdated"] == []
	doc.reload()
	doc.details = "At 8."
	doc.save()
	assert desk.preview_audience(doc.name)["outdated"]
	doc.reload()
	doc.details_translations[0].still_right = 1
	doc.save()
	assert desk.preview_audience(doc.name)["outdated"] == []


def test_the_review_does_not_warn_of_details_that_do_not_exist(message):
	rewritten(message, "es", voice="El concierto. {{ campaign_details | default('A las seis.') }}")
	found = desk.preview_audience(draft(message).name)
	assert found["language_gaps"] == []
	assert any("El concierto. A las seis." in one["message"] for one in found["samples"])


def test_who_starts_or_approves_an_emergency_reads_it():
	name = make.template("Emergency", said={"voice": "Closed.", "text": "Closed.", "voicemail": "Closed."})
	doc = frappe.get_doc(store.TEMPLATE, name)
	doc.append("translations", {"language": "es", "voice": "Cerrado.", "text": "Cerrado."})
	doc.save()
	campaign = frappe._dict(template=name, school=None)
	assert kit_words.outdated(campaign) == ""
	rewritten(name, voice="Evacuated.")
	assert kit_words.outdated(campaign) == CHANGED
