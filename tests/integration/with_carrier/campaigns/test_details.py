"""Details in several languages: what families hear, who falls back, and what is approved."""

import frappe
import pytest

from school_dialer.campaigns import language_gaps, message_content
from school_dialer.campaigns.approval import parts
from school_dialer.desk import campaigns as desk
from school_dialer.messages import campaign_details
from school_dialer.reporting import rehearsal
from tests.integration import factories as make

ENGLISH, SPANISH = "The concert is on Thursday.", "El concierto es el jueves."


@pytest.fixture
def message() -> str:
	"""Return a message in English and Spanish that says the campaign's details."""
	words = {"voice": "An event: {{ campaign_details }}", "text": "{{ campaign_details }}"}
	name = make.template("Event", said=words)
	doc = frappe.get_doc("Dialer Message Template", name)
	doc.append("translations", {"language": "es", "voice": "Un evento: {{ campaign_details }}", "text": "x"})
	doc.save()
	return name


@pytest.fixture
def draft(message):
	"""Return `draft({language: details})`, which makes a campaign to two people of each language."""

	def made(translated: dict[str, str], languages=("en", "es", "vi")):
		people = [(make.phone("312"), one) for one in languages for _twice in range(2)]
		for number, _language in people:
			make.consent(number)
		lines = ["name,phone,language", *(f"Someone,{number},{language}" for number, language in people)]
		file = frappe.get_doc(
			{"doctype": "File", "file_name": "languages.csv", "content": "\n".join(lines), "is_private": 1}
		).insert()
		rows = [{"language": language, "details": details} for language, details in translated.items()]
		return make.campaign(
			template=message, audience_file=file.file_url, details=ENGLISH, details_translations=rows
		)

	return made


def heard(doc) -> dict[str, str]:
	found = desk.preview_audience(doc.name)
	return {one["language"]: one["message"] for one in found["samples"]}


def test_families_hear_the_details_in_their_language(draft):
	words = heard(draft({"es": SPANISH}))
	assert f"Un evento: {SPANISH}" in words["es"] and ENGLISH not in words["es"]
	assert f"An event: {ENGLISH}" in words["en"]
	assert f"An event: {ENGLISH}" in words["vi"]


def test_a_missing_language_is_counted_and_never_mixed(draft):
	doc = draft({"es": ""})
	assert "Un evento" not in heard(doc)["es"]
	expected = [
		{"language": "es", "people": 2, "lacks": "details", "heard_in": "en", "only_details": False},
		{"language": "vi", "people": 2, "lacks": "translation", "heard_in": "en", "only_details": False},
	]
	by_language = lambda rows: sorted(rows, key=lambda row: row["language"])  # noqa: E731
	assert by_language(desk.preview_audience(doc.name)["language_gaps"]) == expected
	rehearsal.run(doc.name)
	assert by_language(desk.rehearsal_state(doc.name)["language_gaps"]) == expected
	assert desk.preview_audience(draft({"es": SPANISH}, ["en", "es"]).name)["language_gaps"] == []


def test_each_call_carries_the_details_of_its_language(draft):
	doc = draft({"es": SPANISH})
	rows = [
		frappe._dict(name=language, log="x", language=language, students=(), person_name="Ana", phone=None)
		for language in ("en", "es")
	]
	subjects = [message_content.subject_of(row, doc, message_content.gate.template_of(doc)) for row in rows]
	values = message_content.context.read_values(subjects, ["campaign_details"])
	assert {key: one["campaign_details"].within(key) for key, one in values.items()} == {
		"en": ENGLISH,
		"es": SPANISH,
	}


def test_details_in_another_language_are_part_of_what_is_approved(draft):
	plain = parts.digests_of(draft({}).name)[parts.DETAILS]
	doc = draft({"es": SPANISH})
	before = parts.digests_of(doc.name)[parts.DETAILS]
	row = doc.details_translations[0].name
	frappe.db.set_value("Dialer Details Translation", row, "details", "Otro día.")
	after = parts.digests_of(doc.name)[parts.DETAILS]
	assert len({plain, before, after}) == 3


def test_they_cannot_change_once_the_campaign_runs(draft):
	doc = draft({"es": SPANISH})
	doc.db_set("status", "Running")
	doc.reload()
	doc.save()
	doc.details_translations[0].details = "Otro día."
	with pytest.raises(frappe.ValidationError, match="Details in Other Languages cannot be changed"):
		doc.save()


def test_one_language_stands_once_and_details_come_first(draft):
	doc = draft({"es": SPANISH})
	doc.append("details_translations", {"language": "es", "details": SPANISH})
	with pytest.raises(frappe.ValidationError, match="written twice"):
		doc.save()
	doc.reload()
	doc.details = ""
	doc.save()
	assert not doc.details_translations and not campaign_details.details_of(doc).all()


def test_words_about_a_record_are_found_in_every_language(draft):
	doc = draft({"es": "Su hijo estuvo ausente hoy."})
	with pytest.raises(frappe.ValidationError, match="Choose a purpose that fits"):
		desk.preview_audience(doc.name)
	assert message_content.gate.is_educational(frappe.get_doc("Dialer Campaign", doc.name))
	assert message_content.gate.is_educational(
		frappe.db.get_value("Dialer Campaign", doc.name, ["name", "template", "details"], as_dict=True)
	)


def test_an_emergency_keeps_its_language_and_says_which_details_are_missing(message, draft):
	frappe.db.set_value("Dialer Message Template", message, "purpose", "Emergency")
	frappe.clear_document_cache("Dialer Message Template", message)
	doc = draft({}, ["es"])
	doc.update({"purpose": "Emergency", "emergency_type": "Fire", "emergency_reason": "Smoke"})
	doc.save()
	assert f"Un evento: {ENGLISH}" in heard(doc)["es"]
	(gap,) = desk.preview_audience(doc.name)["language_gaps"]
	assert gap["only_details"] and (gap["people"], gap["heard_in"]) == (2, "en")


def test_gaps_of_no_one_are_none(draft):
	assert language_gaps.of_people(draft({}), []) == []
