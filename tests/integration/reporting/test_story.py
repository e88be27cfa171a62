"""The history of a number: everything on record, in order, in pages, and without the number itself."""

import json

import frappe
import pytest

from benchmarks.queries import statements_of
from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.consent.choices import wrong_number
from school_dialer.consent.replies import reviews
from school_dialer.desk import numbers
from school_dialer.privacy import pseudonym
from school_dialer.reporting.number import number_history
from tests.integration import factories as make


@pytest.fixture
def phone() -> str:
	return make.phone()


@pytest.fixture
def eventful(phone) -> str:
	"""Make one entry of each kind in the history of the number, and return the number."""
	make.consent(phone)
	campaign = make.campaign([phone], title="Spring concert")
	recipient = frappe.get_doc(
		{"doctype": "Dialer Recipient", "campaign": campaign.name, "phone": phone}
	).insert()
	event = ledger.opt_out(phone, evidence=make.evidence("E-mail", wording="stop? I do not understand"))
	reviews.ask_for_review(
		reviews.UNSURE, reference_doctype="Contact", reference_name="x", phone=phone, consent_event=event
	)
	blocked = {"status": "Blocked", "reasons": "OPTED_OUT", "fallback": "E-mail"}
	frappe.db.set_value("Dialer Recipient", recipient.name, blocked)
	log(phone, placed_at=clock.db_now(), duration=31, keys_pressed="9")
	return phone


def log(phone: str, **values) -> str:
	doc = frappe.get_doc(
		{
			"doctype": "Dialer Call Log",
			"name": frappe.generate_hash(length=16),
			"direction": "Inbound",
			"channel": "Voice",
			"purpose": "General",
			"status": "completed",
			"phone": phone,
			**values,
		}
	)
	doc.db_insert()
	return doc.name


def test_every_kind_of_thing_is_told(eventful, as_role):
	as_role("Dialer Agent")
	found = numbers.story(eventful)
	texts = [one["text"] for one in found["story"]]
	for part in (
		"Agreed to calls and texts of all kinds (they gave us their number). How: Enrollment.",
		"No more calls and texts, but for emergencies. How: E-mail.",
		"They called us about General: completed, 31 seconds. Keys pressed: 9.",
		"Not called by the campaign Spring concert: Opted out",
		"E-mail in place of the call of the campaign Spring concert.",
		"Sent for review, Unsure words: Open.",
	):
		assert [text for text in texts if text.startswith(part)], (part, texts)
	assert [one["said"] for one in found["story"] if one["said"]].count("stop? I do not understand") == 1
	times = [one["at"] for one in found["story"]]
	assert times == sorted(times, reverse=True) and not found["more"]
	assert eventful not in json.dumps(found, default=str) and eventful[2:] not in json.dumps(
		found, default=str
	)


@pytest.mark.parametrize(
	("event", "sentence"),
	[
		({"kind": "Grant", "purpose": "Fees", "channel": "Text"}, "Agreed to texts about fees. How: Agent."),
		(
			{"kind": "Opt Out", "scope": "this purpose", "purpose": "Event"},
			"No more calls about events. How: Agent.",
		),
		(
			{"kind": "Rescope", "scope": "everything"},
			"Said how much is to stop: No more calls, not even in an emergency. How: Agent.",
		),
		({"kind": "Verify"}, "The number was confirmed to be theirs. How: Agent."),
		({"kind": "Wrong Number"}, "Someone else has this number. How: Agent."),
		({"kind": "Opt In"}, "An opt-out that staff recorded by mistake was taken back. How: Agent."),
		(
			{"kind": "Opt In", "source": "Preference Page", "note": wrong_number.UNDONE},
			"The report of a wrong number was undone. How: Preference Page.",
		),
		({"kind": "Expire", "purpose": "All"}, "The consent to calls of all kinds ended. How: Agent."),
	],
)
def test_each_act_of_consent_is_a_sentence(event, sentence):
	assert number_history.of_event(frappe._dict({"channel": "Voice", "source": "Agent", **event})) == sentence


def test_pages_hold_everything_once(eventful):
	whole = numbers.story(eventful)["story"]
	paged, start = [], 0
	while True:
		page = numbers.story(eventful, limit=2, start=start)
		paged += page["story"]
		start += 2
		if not page["more"]:
			break
	assert paged == whole and len(whole) > 4


@pytest.mark.parametrize(("limit", "start"), [(-5, -1), (0, 0), (10**9, 10**9)])
def test_strange_pages(eventful, limit, start):
	assert len(numbers.story(eventful, limit=limit, start=start)["story"]) <= numbers.LONGEST_STORY


def test_a_number_without_a_story(phone):
	assert numbers.story(phone) == {"number": numbers.mask(phone), "story": [], "more": False}


def test_the_number_is_found_by_a_record_that_is_about_it(eventful, as_role):
	as_role("Dialer Compliance Officer")
	recipient = frappe.db.get_value("Dialer Recipient", {"phone": eventful})
	(offered,) = numbers.on_this_record("Dialer Recipient", recipient)["numbers"]
	assert eventful not in str(offered) and offered["number"] == numbers.mask(eventful)
	by_record = numbers.story(doctype="Dialer Recipient", name=recipient, key=offered["key"])
	assert by_record == numbers.story(eventful)
	asked = numbers.may_call(doctype="Dialer Recipient", name=recipient)
	assert not asked["may_call"] and "OPTED_OUT" in [one["code"] for one in asked["reasons"]]


def test_a_guardian_has_several_numbers(as_role):
	first, second = make.phone(), make.phone()
	make.consent(second)
	guardian = make.guardian("Rosa", first, second)
	user = as_role("Dialer Agent")
	with pytest.raises(frappe.PermissionError):
		numbers.on_this_record("Guardian", guardian.name)
	frappe.set_user("Administrator")
	frappe.share.add("Guardian", guardian.name, user, read=1)
	frappe.set_user(user)
	offered = numbers.on_this_record("Guardian", guardian.name)["numbers"]
	assert len(offered) == 2
	told = [numbers.story(doctype="Guardian", name=guardian.name, key=one["key"])["story"] for one in offered]
	assert not told[0] and told[1]


def test_a_number_whose_time_is_over_is_followed(phone):
	"""Check that old calls are found by number and by record after retention has left only a digest."""
	old = log(pseudonym.pseudonym_of(phone), placed_at=clock.db_now())
	make.consent(phone)
	assert old in [one["name"] for one in numbers.story(phone)["story"]]
	by_record = numbers.story(doctype="Dialer Call Log", name=old)
	assert [one["name"] for one in by_record["story"]] == [old]
	with pytest.raises(frappe.ValidationError, match="not a telephone number"):
		numbers.may_call(doctype="Dialer Call Log", name=old)


@pytest.mark.parametrize(
	("doctype", "name"),
	[
		("DocType", "User"),
		("Nothing", "x"),
		("Dialer Recipient", "none"),
		(["User"], "x"),
		("Guardian", {"name": ["like", "%"]}),
	],
)
def test_other_records_tell_nothing(doctype, name):
	for ask in (numbers.on_this_record, lambda doctype, name: numbers.story(doctype=doctype, name=name)):
		with pytest.raises((frappe.DoesNotExistError, TypeError)):
			ask(doctype, name)


def test_a_story_costs_the_same_number_of_queries(eventful):
	number_history.history_of([eventful], 50)
	assert len(statements_of(lambda: number_history.history_of([eventful], 50))) == len(
		number_history.SOURCES
	)


def test_its_queries_use_indexes(eventful):
	for query, values, _ms in statements_of(lambda: number_history.history_of([eventful], 50)):
		plan = frappe.db.sql(f"explain {query}", values, as_dict=True)
		assert all(step.key for step in plan), (query, plan)
