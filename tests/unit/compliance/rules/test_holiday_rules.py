"""Holidays, listed and legal: rules/holidays.py."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from school_dialer.compliance import StateOfEmergency, legal_days, policies, record_of, replay
from school_dialer.compliance.legal_days import LegalHoliday
from school_dialer.compliance.rules.holidays import legal
from tests.unit.compliance.cases import APPROVED, GIVEN, WRITTEN, amended, at, judge, outcome, request

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


FEDERAL_2026 = {
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
# In addition, from the states' own lists.
OWN_2026 = {
	"AL": {"2026-02-17", "2026-04-27", "2026-06-01", "2026-12-01"},
	"LA": {"2026-01-08", "2026-02-17", "2026-04-03", "2026-08-30", "2026-08-31", "2026-11-01", "2026-11-02"}
	| {"2026-11-03", "2026-11-27"},
	"MS": {"2026-04-27"},
	"PA": {"2026-02-12", "2026-04-03", "2026-06-14", "2026-06-15", "2026-11-03"},
	"RI": {"2026-05-04", "2026-08-10", "2026-11-03"},
	"UT": {"2026-07-24"},
}
NUMBERS = {
	"AL": "+12055550142",
	"LA": "+15045550142",
	"MS": "+16015550142",
	"PA": "+12155550142",
	"RI": "+14015550142",
	"UT": "+18015550142",
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("state", sorted(OWN_2026))
def test_the_days_of_each_state(state):
	"""Checks every day of the year at 11:30 a.m. Chicago time, inside the hours of all days but Sundays."""
	found = set()
	for day in range(365):
		noon = datetime(2026, 1, 1, 11, 30, tzinfo=ZoneInfo("America/Chicago")) + timedelta(days=day)
		for what in (request(NUMBERS[state], state=state), request(NUMBERS[state])):
			decision = judge(what, WRITTEN, when=noon, policy=amended(consent__stale_after_days=None))
			if "HOLIDAY" in decision.codes:
				found.add(noon.date().isoformat())
				assert any(law.citation in decision.reasons[0].citation for law in own_laws(state))
	assert found == FEDERAL_2026 | OWN_2026[state]


def own_laws(state):
	return [law for law in policies.load("US").laws if state in law.states and law.citation and law.holidays]


def test_days_of_other_states_are_days_like_any():
	for state, number in (("IL", "+13125550142"), ("FL", "+13055550142"), ("GA", "+14045550142")):
		for day in FEDERAL_2026:
			assert judge(request(number, state=state), GIVEN, when=at(f"{day}T17:00:00Z")).allowed


def test_election_day_in_even_and_odd_years():
	us = policies.load("US")
	assert date(2027, 11, 2) in legal_days.of_year(us.terms(("PA",)).holidays, 2027)
	for state in ("LA", "RI"):
		assert date(2028, 11, 7) in legal_days.of_year(us.terms((state,)).holidays, 2028)
		assert date(2027, 11, 2) not in legal_days.of_year(us.terms((state,)).holidays, 2027)


def test_weekends_are_observed_across_the_year():
	assert date(2027, 12, 31) in legal(policies.load("US"), 2027)
	assert date(2028, 1, 1) in legal(policies.load("US"), 2028)


@pytest.mark.parametrize(
	"year, day",
	[
		(1990, "04-15"),
		(2008, "03-23"),
		(2011, "04-24"),
		(2024, "03-31"),
		(2026, "04-05"),
		(2027, "03-28"),
		(2038, "04-25"),
	],
)
def test_easter(year, day):
	"""Dates of the United States Naval Observatory."""
	assert legal_days.easter(year).isoformat() == f"{year}-{day}"


def test_every_kind_of_day_exists_in_every_year():
	for month in range(1, 13):
		for weekday in range(7):
			for after in range(1, 23 if month == 2 else 25):
				found = LegalHoliday("x", month, weekday=weekday, on_or_after=after).date_in(2026)
				assert found.weekday() == weekday and 0 <= found.day - after < 7 and found.month == month


STORM = (StateOfEmergency("LA", date(2026, 5, 12), date(2026, 5, 14)),)
NEW_ORLEANS = request("+15045550142", state="LA")


@pytest.mark.parametrize(
	"what", [NEW_ORLEANS, request("+15045550142"), request("+15045550142", channel="Text")]
)
def test_a_declared_state_of_emergency_stops_calls(what):
	decision = judge(what, GIVEN, states_of_emergency=STORM)
	assert (decision.verdict, decision.codes, decision.until) == (
		"DEFER",
		("HOLIDAY",),
		at("2026-05-15T13:00:00Z"),
	)
	assert decision.reasons[0].rule == "holidays.state_of_emergency"
	assert "La. Rev. Stat. 45:844" in decision.reasons[0].citation
	assert judge(what, GIVEN, when=at("2026-05-11T17:00:00Z"), states_of_emergency=STORM).allowed
	assert judge(what, GIVEN, when=at("2026-05-15T17:00:00Z"), states_of_emergency=STORM).allowed


def test_a_state_of_emergency_stops_nothing_else():
	fire = request("+15045550142", purpose="Emergency", emergency=APPROVED, state="LA")
	assert judge(fire, states_of_emergency=STORM).allowed
	assert judge(request(state="IL"), GIVEN, states_of_emergency=STORM).allowed
	elsewhere = (StateOfEmergency("IL", date(2026, 5, 1), date(2026, 5, 30)),)
	assert judge(request(state="IL"), GIVEN, states_of_emergency=elsewhere).allowed


def test_states_of_emergency_that_follow_each_other_are_one():
	more = (*STORM, StateOfEmergency("LA", date(2026, 5, 15), date(2026, 5, 20)))
	for declared in (more, more[::-1]):
		assert judge(NEW_ORLEANS, GIVEN, states_of_emergency=declared).until == at("2026-05-21T13:00:00Z")


def test_a_state_of_emergency_is_on_record():
	decision = judge(NEW_ORLEANS, GIVEN, states_of_emergency=STORM)
	assert replay(record_of(decision)) == decision
	assert "states_of_emergency" not in record_of(judge(NEW_ORLEANS, GIVEN))["facts"]
