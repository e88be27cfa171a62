"""Two people with one number are one recipient, wherever the chunk boundaries fall."""

import itertools
import json
import secrets
from dataclasses import replace

import frappe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from school_dialer.audience.base import Candidate
from school_dialer.campaigns.planning import planner, recipients
from school_dialer.campaigns.planning.candidate_choice import (
	CandidateNumber,
	first_of,
	merged,
	noting_left_out,
)
from school_dialer.compliance import Consent, Facts, Person, Request, decide, policies
from school_dialer.compliance.codec import parse_time
from school_dialer.gate import EligibilityResult, planned
from tests.effort import examples

NOON = parse_time("2026-05-12T17:00:00Z")
MIDNIGHT = parse_time("2026-05-12T05:00:00Z")
NUMBERS = ["+13125550142", "+13125550143", "+13125550144", ""]
CHILDREN = ("Ana", "Luis", "Mia")


def decision_of(verdict: str):
	consents = (Consent("Any", "All", "number provided", parse_time("2026-01-01T00:00:00Z")),)
	request = Request(NUMBERS[0], "Voice", "Event", Person("US"))
	when = MIDNIGHT if verdict == "DEFER" else NOON
	decision = decide(
		request, Facts(() if verdict == "BLOCK" else consents), policies.for_person("US", None), when
	)
	assert decision.verdict == verdict
	return decision


DECISIONS = {verdict: decision_of(verdict) for verdict in ("ALLOW", "DEFER", "BLOCK")}
people = st.lists(
	st.tuples(
		st.sampled_from(NUMBERS),
		st.sampled_from(sorted(DECISIONS)),
		st.lists(st.sampled_from(CHILDREN), unique=True, max_size=3),
	),
	max_size=12,
)


def options_of(drawn) -> list[CandidateNumber]:
	return [
		CandidateNumber(
			Candidate("Guardian", f"G{index}", f"Guardian {index}", (phone,)),
			phone,
			phone,
			EligibilityResult(DECISIONS[verdict], tuple(students)),
		)
		for index, (phone, verdict, students) in enumerate(drawn)
	]


def folded(options: list[CandidateNumber]) -> dict[str, CandidateNumber]:
	households: dict[str, CandidateNumber] = {}
	for option in options:
		key = option.household_key
		households[key] = merged(households[key], option) if key in households else option
	return households


@settings(
	max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(people, st.sets(st.integers(0, 12)))
def test_the_borders_of_chunks_make_no_difference(drawn, borders):
	options = options_of(drawn)
	campaign = frappe._dict(name=f"TEST-{secrets.token_hex(6)}", channel="Voice", max_attempts=1)
	edges = [0, *sorted(border for border in borders if border < len(options)), len(options)]
	for start, end in itertools.pairwise(edges):
		recipients.add_candidates(campaign, list(folded(options[start:end]).values()))
	rows = frappe.db.sql(
		"select household_key, verdict, students, person, status, raw_phone "
		"from `tabDialer Recipient` where campaign = %s",
		campaign.name,
		as_dict=True,
	)
	expected = folded(options)
	assert {row.household_key for row in rows} == set(expected) and len(rows) == len(expected)
	for row in rows:
		option = expected[row.household_key]
		assert row.verdict == option.answer.decision.verdict
		assert row.person == option.candidate.person and row.raw_phone == option.raw
		assert sorted(json.loads(row.students)) == sorted(option.answer.students)


def test_who_may_be_called_takes_the_place_of_who_may_not():
	blocked, allowed = options_of([(NUMBERS[0], "BLOCK", ["Ana"]), (NUMBERS[0], "ALLOW", ["Luis"])])
	campaign = frappe._dict(name=f"TEST-{secrets.token_hex(6)}", channel="Voice", max_attempts=1)
	recipients.add_candidates(campaign, [blocked])
	recipients.add_candidates(campaign, [allowed])
	recipients.add_candidates(
		campaign, [replace(blocked, answer=EligibilityResult(DECISIONS["BLOCK"], ("Mia",)))]
	)
	(row,) = frappe.get_all(
		"Dialer Recipient",
		{"campaign": campaign.name},
		["status", "person", "students", "reasons", "decision"],
		order_by="name",
	)
	assert (row.status, row.person, row.reasons) == ("Pending", "G1", "")
	assert json.loads(row.students) == ["Luis"] and json.loads(row.decision)["verdict"] == "ALLOW"


@pytest.mark.parametrize("names", [("José Ruiz", "Jose Ruiz"), ("ANA", "ana"), ("Li", "Lí")])
def test_people_without_a_number_are_told_apart(names):
	campaign = frappe._dict(
		name=f"TEST-{secrets.token_hex(6)}", channel="Voice", max_attempts=1, purpose="Event"
	)
	recipients.add_candidates(
		campaign, planner.decide(campaign, [[Candidate("File", "list", name, ())] for name in names])
	)
	assert frappe.db.count("Dialer Recipient", {"campaign": campaign.name, "status": "Blocked"}) == 2


def parties_of(options: list[CandidateNumber]) -> list[tuple]:
	(option,) = folded(options).values()
	return [(point.person, point.phone, point.students, why) for point, why in recipients.parties_of(option)]


def test_each_person_at_a_number_is_told_about_their_own_children():
	one = NUMBERS[0]
	options = options_of([(one, "ALLOW", ["Ana"]), (one, "BLOCK", ["Mia"]), (one, "DEFER", ["Luis"])])
	assert parties_of(options) == [
		("G0", one, ("Ana",), None),
		("G2", one, ("Luis",), None),
		("G1", one, ("Mia",), "NO_CONSENT"),
	]
	(option,) = folded(options).values()
	assert option.answer.students == ("Ana", "Luis")


def test_a_sibling_who_one_guardian_may_not_hear_about_keeps_the_others_line():
	mother, father = NUMBERS[:2]
	households = [
		first_of(options_of([(mother, "ALLOW", ["Ana"]), (father, "ALLOW", ["Ana"])]), share=True),
		first_of(options_of([(mother, "ALLOW", ["Luis"]), (father, "BLOCK", ["Luis"])]), share=True),
	]
	assert parties_of(households) == [
		("G0", mother, ("Ana", "Luis"), None),
		("G1", father, ("Ana",), None),
	]


def leaving_out(verdict: str, *students: str, **values) -> CandidateNumber:
	"""Return a number whose person may hear of these students, and not of Mia."""
	(option,) = options_of([(NUMBERS[0], verdict, students)])
	return noting_left_out(replace(option, answer=replace(option.answer, left_out=("Mia",)), **values))


def test_who_is_left_out_has_a_row_and_no_one_joins_by_it():
	one = NUMBERS[0]
	assert parties_of([leaving_out("ALLOW", "Ana")]) == [
		("G0", one, ("Ana",), None),
		("G0", one, ("Mia",), "RESTRICTED_CONTACT"),
	]
	assert parties_of([leaving_out("BLOCK")]) == [("G0", one, ("Mia",), "RESTRICTED_CONTACT")]
	assert parties_of([leaving_out("ALLOW")]) == [("G0", one, (), None)]
	added = [("G0", one, ("Ana",), planned.ADDED), ("G0", one, ("Mia",), planned.ADDED)]
	assert parties_of([leaving_out("ALLOW", "Ana", added=True)]) == added


def test_who_is_left_out_at_a_second_number_has_a_row_there():
	first, second = options_of([(NUMBERS[0], "ALLOW", ["Ana"]), (NUMBERS[1], "ALLOW", ["Ana", "Mia"])])
	first = noting_left_out(replace(first, answer=replace(first.answer, left_out=("Mia",))))
	for choices in ([first, second], [second, first]):
		rows = parties_of([first_of(choices, share=False)])
		assert ("G0", NUMBERS[0], ("Mia",), "RESTRICTED_CONTACT") in rows and len(rows) == 3
