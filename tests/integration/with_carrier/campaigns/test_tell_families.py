"""The page Tell Families: what it offers, what each language hears and reads, and an ordinary campaign."""

from collections.abc import Iterator

import frappe
import pytest
from frappe.client import insert, save

from school_dialer.base.roles import MANAGER
from school_dialer.campaigns import topics
from school_dialer.desk import campaigns as desk
from school_dialer.desk import tell_families
from tests.integration import factories as make
from tests.integration.with_carrier.campaigns.teachers.classroom import as_user, remove_all, user
from tests.integration.with_carrier.households import SchoolClass

GUARDIANS = "Guardians of a Student Group"
ENGLISH, SPANISH = "The fair is on Friday.", "La feria es el viernes."


@pytest.fixture(autouse=True)
def of_education(school) -> Iterator[None]:
	if not frappe.db.exists("DocType", "Student Group"):
		pytest.skip("this site has no Education")
	yield
	remove_all()


@pytest.fixture
def message() -> str:
	"""Return a message in English and Spanish that needs the details."""
	words = {"voice": "An event: {{ campaign_details }}", "text": "{{ campaign_details }}"}
	name = make.template("Event", said=words)
	doc = frappe.get_doc("Dialer Message Template", name)
	spanish = {
		"language": "es",
		"voice": "Un evento: {{ campaign_details }}",
		"text": "{{ campaign_details }}",
	}
	doc.append("translations", spanish)
	doc.save()
	return name


@pytest.fixture
def two_languages() -> SchoolClass:
	some = SchoolClass(
		[{"Ann": [make.phone("312")]}, {"Ana": [make.phone("312")], "Eva": [make.phone("312")]}]
	)
	for name in ("Ana", "Eva"):
		frappe.db.set_value("Guardian", f"{some.tag}-{name}", "dialer_language", "es")
	return some


def by_key() -> dict[str, dict]:
	return {one["key"]: one for one in tell_families.offer()["topics"]}


def test_each_topic_has_a_finished_message():
	found = by_key()
	assert [one.key for one in topics.TOPICS] == [
		key for key in found if key in {t.key for t in topics.TOPICS}
	]
	assert found["event"]["messages"][0]["name"] == "Event reminder"
	assert [one["name"] for one in found["closure"]["messages"]] == [topics.CLOSURE]
	assert found["closure"]["emergency_type"] in tell_families.offer()["emergencies"]
	assert "es" in found["delay"]["messages"][0]["languages"]
	assert found["general"]["messages"][0]["details"]


def test_messages_that_ask_and_drills_are_left_out():
	offered = {one["name"] for topic in by_key().values() for one in topic["messages"]}
	assert not offered & {"Event poll", "Staff safety check", "Is this number still right?"}


def test_an_absence_goes_to_those_marked_absent_today():
	narrowed = by_key()["absence"]["narrowed"]
	audiences = {one["label"]: one["narrows"] for one in tell_families.offer()["audiences"]}
	assert "CSV file" not in audiences and narrowed["kind"] in audiences[GUARDIANS]
	filters = frappe.as_json({"only": [narrowed]})
	doc = SchoolClass([{"A": [make.phone("312")]}]).campaign(
		purpose="Attendance", template="Attendance notice", audience_filters=filters
	)
	assert "Absent" in doc.filters_in_words


def test_people_are_counted_by_language(two_languages):
	assert tell_families.languages(GUARDIANS, two_languages.group) == {"en": 1, "es": 2}


def test_each_language_hears_its_own_words(message):
	english, spanish = tell_families.heard(
		message, details=ENGLISH, details_in={"es": SPANISH}, spoken=["en", "es"]
	)
	assert f"An event: {ENGLISH}" in " ".join(english["voice"]["sentences"])
	assert f"Un evento: {SPANISH}" in " ".join(spanish["voice"]["sentences"])
	assert english["voicemail"]["sentences"] and "text" not in english


def test_a_language_without_details_is_marked(message):
	(spanish,) = tell_families.heard(message, details=ENGLISH, spoken=["es"])
	assert spanish["voice"]["fell_back"] and ENGLISH in " ".join(spanish["voice"]["sentences"])


def test_no_example_stands_for_details_that_are_not_written(message):
	(english,) = tell_families.heard(message, spoken=["en"])
	assert english["voice"]["held_back"]
	own_words, *_others = tell_families.heard(topics.CLOSURE)
	assert own_words["voice"]["sentences"], "it has words of its own for what is not written"


def test_a_text_alone_and_after_calls(message):
	(alone,) = tell_families.heard(message, channel="Text", details=ENGLISH, spoken=["en"])
	assert ENGLISH in alone["text"]["body"] and "voice" not in alone
	(both,) = tell_families.heard(message, text_fallback=1, details=ENGLISH, spoken=["en"])
	assert ENGLISH in both["text"]["body"] and both["voice"]["sentences"]


def test_only_who_may_make_campaigns_asks(message, two_languages):
	agent = user("Dialer Agent")
	for ask in (
		tell_families.offer,
		lambda: tell_families.languages(GUARDIANS, two_languages.group),
		lambda: tell_families.heard(message),
	):
		with pytest.raises(frappe.PermissionError):
			as_user(agent, ask)


def test_it_makes_an_ordinary_campaign_and_keeps_to_it(message, two_languages):
	"""The page saves with Frappe's own methods, the second time the same draft."""
	values = {
		"doctype": "Dialer Campaign",
		"title": "The fair",
		"purpose": "Event",
		"template": message,
		"channel": "Voice",
		"text_fallback": 0,
		"school": "",
		"audience_source": GUARDIANS,
		"audience_name": two_languages.group,
		"audience_filters": None,
		"details": ENGLISH,
		"details_translations": [{"doctype": "Dialer Details Translation", "language": "es", "details": "x"}],
	}
	manager = user(MANAGER)
	first = frappe.parse_json(frappe.as_json(as_user(manager, lambda: insert(values))))
	again = {**first, **values, "details_translations": [{"language": "es", "details": SPANISH}]}
	second = as_user(manager, lambda: save(frappe.as_json(again)))
	assert (second["name"], second["status"]) == (first["name"], "Draft")
	assert [(row.language, row.details) for row in second["details_translations"]] == [("es", SPANISH)]
	found = desk.preview_audience(first["name"])
	assert found["people"] == 3 and found["language_gaps"] == []
