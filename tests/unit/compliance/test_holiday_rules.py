"""Holidays, listed and legal: rules/holidays.py."""

from datetime import date

import pytest

from school_dialer.compliance import policies
from school_dialer.compliance.rules.holidays import legal_days
from tests.unit.compliance.cases import GIVEN, amended, at, judge, outcome, request

TUESDAY = frozenset({date(2026, 5, 12)})


def test_a_listed_holiday_waits_for_the_next_day():
	decision = judge(request(state="IL"), GIVEN, holidays=TUESDAY)
	assert (decision.verdict, decision.codes, decision.until) == (
		"DEFER",
		("HOLIDAY",),
		at("2026-05-13T13:00:00Z"),
	)


def test_holidays_are_local_dates():
	late_monday = at("2026-05-12T01:30:00Z")
	assert outcome(request(state="IL"), GIVEN, when=late_monday, holidays=TUESDAY) == ("ALLOW", ())
	hawaii = request("+18085550142", state="HI")
	assert outcome(hawaii, GIVEN, when=at("2026-05-13T05:00:00Z"), holidays=TUESDAY) == (
		"DEFER",
		("HOLIDAY",),
	)


def test_a_holiday_in_one_of_the_zones_is_enough():
	guam_to_hawaii = request("+16715550142", state="HI")
	when = at("2026-05-12T23:00:00Z")
	assert "HOLIDAY" in judge(guam_to_hawaii, GIVEN, when=when, holidays=TUESDAY).codes
	assert "HOLIDAY" in judge(guam_to_hawaii, GIVEN, when=when, holidays=frozenset({date(2026, 5, 13)})).codes


def test_a_run_of_holidays_and_a_sunday():
	easter = frozenset({date(2026, 4, 3), date(2026, 4, 4)})
	decision = judge(
		request("+15045550142", state="LA"), GIVEN, when=at("2026-04-03T15:00:00Z"), holidays=easter
	)
	assert decision.until == at("2026-04-06T13:00:00Z")


def test_a_holiday_longer_than_the_horizon_blocks():
	summer = frozenset(date.fromordinal(date(2026, 5, 1).toordinal() + day) for day in range(200))
	assert outcome(request(state="IL"), GIVEN, holidays=summer) == ("BLOCK", ("HOLIDAY",))
	weeks = frozenset(date.fromordinal(date(2026, 5, 1).toordinal() + day) for day in range(60))
	assert judge(request(state="IL"), GIVEN, holidays=weeks).until == at("2026-06-30T13:00:00Z")


def test_a_policy_may_leave_listed_holidays_alone():
	assert outcome(request(), GIVEN, holidays=TUESDAY, policy=amended(holidays__keep_listed=False)) == (
		"ALLOW",
		(),
	)


@pytest.mark.parametrize("state, number", [("AL", "+12055550142"), ("PA", "+12155550142")])
def test_legal_holidays_in_the_states_that_keep_them(state, number):
	thanksgiving = at("2026-11-26T17:00:00Z")
	assert judge(request(number, state=state), GIVEN, when=thanksgiving).codes == ("HOLIDAY",)
	assert judge(request(number), GIVEN, when=thanksgiving).codes == ("HOLIDAY",)
	assert judge(request(state="IL"), GIVEN, when=thanksgiving).allowed


def test_the_legal_holidays_of_a_year():
	days = legal_days(policies.load("US"), 2026)
	assert {day.isoformat() for day in days} == {
		"2026-01-01",
		"2026-01-19",
		"2026-02-16",
		"2026-05-25",
		"2026-06-19",
		"2026-07-03",
		"2026-07-04",
		"2026-09-07",
		"2026-10-12",
		"2026-11-11",
		"2026-11-26",
		"2026-12-25",
	}
	assert date(2027, 12, 31) in legal_days(policies.load("US"), 2027)
	assert date(2028, 1, 1) in legal_days(policies.load("US"), 2028)
