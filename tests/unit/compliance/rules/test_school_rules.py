"""A school's own families and its own hours: they narrow what the law allows, and never widen it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.compliance import policies
from school_dialer.compliance.codec import Malformed, read_request, record_of, replay
from school_dialer.compliance.rules import calling_hours
from school_dialer.gate import decision_json
from tests.unit.compliance.cases import APPROVED, GIVEN, NOON, at, judge, outcome, request

MORNING = (9 * 60, 12 * 60)


@pytest.mark.parametrize("more", [{}, {"purpose": "Emergency", "emergency": APPROVED}])
def test_a_school_calls_no_other_schools_family(more):
	assert outcome(request(other_school=True, **more), GIVEN) == ("BLOCK", ("OTHER_SCHOOL",))
	reason = judge(request(other_school=True, **more), GIVEN).reasons[0]
	assert reason.rule == "contact.of_this_school" and "school" in reason.citation


def test_the_hours_of_a_school_end_before_those_of_the_law():
	what = replace(request(state="IL"), hours=MORNING)
	assert judge(what, GIVEN, when=at("2026-05-13T16:59:00Z")).allowed
	late = judge(what, GIVEN, when=at("2026-05-13T17:00:00Z"))
	assert (late.verdict, late.codes) == ("DEFER", ("OUTSIDE_CALLING_HOURS",))
	assert late.until == at("2026-05-14T14:00:00Z"), "nine in Chicago"
	assert judge(replace(what, hours=None), GIVEN, when=at("2026-05-13T17:00:00Z")).allowed


def test_an_emergency_keeps_no_school_hours():
	what = replace(request(purpose="Emergency", emergency=APPROVED), hours=MORNING)
	assert judge(what, when=at("2026-05-13T03:00:00Z")).allowed


def test_a_permit_ends_with_the_hours_of_the_school():
	what = replace(request(state="IL"), hours=MORNING)
	policy = policies.for_request(what)
	assert calling_hours.closes(what, policy, at("2026-05-13T16:30:00Z")) == at("2026-05-13T17:00:00Z")


@given(
	minutes=st.tuples(st.integers(0, 1440), st.integers(0, 1440)).filter(lambda pair: pair[0] < pair[1]),
	after=st.integers(0, 14 * 24 * 60),
	state=st.sampled_from(["IL", "TX", "AL", "LA", "RI", None]),
)
def test_own_hours_are_never_wider_than_those_without(minutes, after, state):
	when = NOON + timedelta(minutes=after)
	plain = request(state=state)
	narrow, wide = judge(replace(plain, hours=minutes), GIVEN, when=when), judge(plain, GIVEN, when=when)
	assert wide.allowed or not narrow.allowed
	assert set(wide.codes) <= set(narrow.codes)
	if narrow.until and wide.until:
		assert narrow.until >= wide.until


def test_they_are_on_record_and_replayed():
	decision = judge(replace(request(other_school=True), hours=MORNING), GIVEN)
	record = record_of(decision)
	assert record["request"]["hours"] == list(MORNING) and record["request"]["person"]["other_school"]
	assert replay(record) == decision
	plain = record_of(judge(request(), GIVEN))
	assert "hours" not in plain["request"] and "other_school" not in plain["request"]["person"]


def test_the_fast_writer_agrees():
	decision = judge(replace(request(other_school=True), hours=MORNING), GIVEN)
	assert decision_json.encode(record_of(decision)) == decision_json.to_json(decision)


@pytest.mark.parametrize("hours", ["9-12", [540], [540, "720"], [720, 540], [-1, 60], [0, 1441], [True, 60]])
def test_hours_that_are_none_are_refused(hours):
	with pytest.raises(Malformed):
		read_request({"phone": None, "hours": hours})
