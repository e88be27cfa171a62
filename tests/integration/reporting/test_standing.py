"""What is on file for a number, in a line for each channel and state."""

import json

import frappe

from benchmarks.queries import statements_of
from school_dialer.consent import ledger
from school_dialer.desk import numbers
from school_dialer.reporting import consent_basis, standing
from tests.integration import factories as make


def texts(phone: str) -> list[tuple[str, str]]:
	return [(line["text"], line["colour"]) for line in standing.of_numbers([phone])[phone]]


def test_a_number_without_a_word_from_anyone_says_so():
	assert texts(make.phone()) == [
		("Calls: no consent on file", "gray"),
		("Texts: no consent on file", "gray"),
	]


def test_consent_for_some_purposes_and_an_opt_out_of_others():
	phone = make.phone()
	for purpose in ("Fees", "Event"):
		make.consent(phone, purpose=purpose, channel="Voice")
	make.consent(phone, channel="Text")
	ledger.opt_out(
		phone, evidence=make.evidence("Agent"), scope="this purpose", purpose="Fees", channel="Voice"
	)
	assert texts(phone) == [
		("Calls: opted out of Fees", "red"),
		("Calls: agreed to Event", "green"),
		("Texts: agreed to all kinds", "green"),
	]


def test_how_wide_an_opt_out_is():
	some, all_of_it = make.phone(), make.phone()
	make.consent(some)
	ledger.opt_out(some, evidence=make.evidence("Agent"))
	ledger.opt_out(all_of_it, evidence=make.evidence("Agent"), scope="everything")
	assert texts(some)[0] == ("Calls: opted out, except for emergencies", "red")
	assert ("Calls: opted out of everything, emergencies too", "red") in texts(all_of_it)


def test_many_numbers_take_two_queries():
	phones = [make.phone() for _ in range(5)]
	make.consents(phones)
	assert len(statements_of(lambda: standing.of_numbers(phones))) == 2


def test_the_page_of_a_family_has_its_numbers_and_children(as_role):
	first, second = make.phone(), make.phone()
	make.consent(second)
	guardian = make.guardian("Rosa", first, second)
	child = frappe.get_doc(
		{"doctype": "Student", "first_name": "Ana", "guardians": [{"guardian": guardian.name}]}
	).insert()
	found = numbers.on_this_record("Guardian", guardian.name)
	assert (found["title"], found["students"]) == ("Rosa", [child.student_name])
	assert [one["consents"][0]["colour"] for one in found["numbers"]] == ["gray", "green"]
	assert first[2:] not in json.dumps(found) and second[2:] not in json.dumps(found)


def test_names_are_given_for_records_that_the_user_may_read(as_role):
	guardian = make.guardian("Rosa", make.phone())
	asked = [["Guardian", guardian.name], ["User", "Administrator"], ["Guardian"], [[], {}]]
	assert numbers.names_of(json.dumps(asked)) == numbers.names_of(asked)
	named = {"doctype": "Guardian", "name": guardian.name, "title": "Rosa"}
	assert numbers.names_of(asked) == [named]
	as_role("Dialer Agent")
	assert numbers.names_of(asked) == []


def decision(*others: dict, **more) -> str:
	consents = [
		{
			"channel": "Any",
			"purpose": "All",
			"basis": "number provided",
			"granted_at": "2026-08-12T16:00:00Z",
			"expires_at": None,
		},
		*({"channel": "Voice", "purpose": "Fees", "expires_at": None} | one for one in others),
	]
	request = {"channel": "Voice", "purpose": "Fees"}
	made = {"verdict": "ALLOW", "at": "2026-10-01T16:00:00Z", "request": request}
	return json.dumps(made | {"facts": {"consents": consents}} | more)


def test_a_call_says_on_which_consent_it_rested():
	said = consent_basis.rested_on(decision())
	assert said.startswith("Permitted by consent of ") and said.endswith(": they gave us their number.")
	oral = {"basis": "express oral", "granted_at": "2026-09-01T16:00:00Z"}
	assert consent_basis.rested_on(decision(oral)).endswith(": they said so.")
	for unfit in (
		{"channel": "Text"},
		{"purpose": "Event"},
		{"expires_at": "2026-09-15T16:00:00Z"},
		{"granted_at": "2026-10-02T16:00:00Z"},
	):
		assert consent_basis.rested_on(decision(oral | unfit)) == said
	none = consent_basis.rested_on(decision(facts={"consents": []}))
	assert none == "Made without consent on file, as the rules permit for this purpose."
	request = {"channel": "Voice", "purpose": "Emergency", "emergency": {"type": "Lockdown"}}
	assert "needs no consent" in consent_basis.rested_on(decision(request=request))
	assert consent_basis.rested_on(decision(verdict="BLOCK")) == consent_basis.rested_on(None) == ""
