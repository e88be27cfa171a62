"""What must hold for every request, whatever the facts."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from phonenumbers import parse
from phonenumbers.timezone import time_zones_for_number

from school_dialer.compliance import ALLOW, BLOCK, DEFER, Facts, decide, policies, record_of, replay
from school_dialer.compliance.engine import usable
from school_dialer.compliance.places import locate
from school_dialer.compliance.rules import calling_hours
from school_dialer.compliance.vocabulary import BLOCKING
from tests.effort import examples
from tests.unit.compliance import strategies
from tests.unit.compliance.cases import WRITTEN, request
from tests.unit.compliance.laws_by_hand import BY_HAND, WINDOWS

often = settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.too_slow])

RANK = {BLOCK: 0, DEFER: 1, ALLOW: 2}
CURRENT = replace(WRITTEN, granted_at=strategies.START - timedelta(days=30), expires_at=None)


def judge(what, facts, when):
	return decide(what, facts, policies.for_request(what), when)


def judged_as(verdict, what, facts, when):
	"""Return the first decision with this verdict within two days, looking every two hours, or None."""
	decisions = (judge(what, facts, when + timedelta(hours=step)) for step in range(0, 48, 2))
	return next((decision for decision in decisions if decision.verdict == verdict), None)


@often
@given(strategies.requests, strategies.facts, strategies.times)
def test_the_verdict_follows_from_the_reasons(what, facts, when):
	decision = judge(what, facts, when)
	assert (decision.verdict == ALLOW) is (decision.codes == ())
	if BLOCKING & set(decision.codes):
		assert decision.verdict == BLOCK
	if decision.verdict != DEFER:
		assert decision.until is None
	elif "NO_TIME_ZONE" in decision.codes:
		assert decision.until is None
	else:
		assert decision.until > when


@often
@given(strategies.requests, strategies.facts, strategies.times, st.lists(strategies.consents, max_size=3))
def test_more_consent_never_takes_anything_away(what, facts, when, more):
	before = judge(what, facts, when)
	after = judge(what, replace(facts, consents=(*facts.consents, *more)), when)
	assert RANK[after.verdict] >= RANK[before.verdict]


@often
@given(strategies.requests, strategies.facts, strategies.times, strategies.opt_outs)
def test_an_opt_out_never_widens(what, facts, when, stop):
	before = judge(what, facts, when)
	after = judge(what, replace(facts, opt_outs=(*facts.opt_outs, stop)), when)
	assert RANK[after.verdict] <= RANK[before.verdict]
	assert set(before.codes) <= set(after.codes)


@often
@given(strategies.requests, strategies.facts, strategies.times, strategies.attempts)
def test_an_attempt_never_widens(what, facts, when, attempt):
	before = judge(what, facts, when)
	after = judge(what, replace(facts, history=(*facts.history, attempt)), when)
	assert RANK[after.verdict] <= RANK[before.verdict]


@often
@given(strategies.requests, strategies.facts, strategies.times)
def test_a_restriction_always_blocks(what, facts, when):
	restricted = replace(what, person=replace(what.person, restricted=True))
	assert "RESTRICTED_CONTACT" in judge(restricted, facts, when).codes


@often
@given(strategies.requests, strategies.facts, strategies.times, st.randoms(use_true_random=False))
def test_the_order_of_events_makes_no_difference(what, facts, when, shuffler):
	def shuffled(values):
		return tuple(shuffler.sample(list(values), len(values))) if values else ()

	again = replace(
		facts,
		consents=shuffled(facts.consents),
		opt_outs=shuffled(facts.opt_outs),
		history=shuffled(facts.history),
	)
	first, second = judge(what, facts, when), judge(what, again, when)
	assert (first.verdict, first.until, first.reasons) == (second.verdict, second.until, second.reasons)


@often
@given(strategies.willing_requests, strategies.willing_facts, strategies.times)
def test_at_the_end_of_a_deferral_it_is_no_longer_deferred(what, facts, when):
	decision = judged_as(DEFER, what, facts, when)
	if not (decision and decision.until):
		return
	then = judge(what, facts, decision.until)
	assert then.verdict != DEFER
	if then.verdict == ALLOW:
		assert "OUTSIDE_CALLING_HOURS" not in then.codes
	shortly_before = judge(what, facts, decision.until - timedelta(microseconds=1))
	assert shortly_before.verdict == DEFER and shortly_before.until == decision.until


@often
@given(strategies.willing_requests, strategies.willing_facts, strategies.times, st.integers(0, 10**6))
def test_until_then_it_stays_deferred(what, facts, when, seed):
	decision = judged_as(DEFER, what, facts, when)
	if not (decision and decision.until):
		return
	chosen = random.Random(seed)
	for _ in range(10):
		between = decision.at + (decision.until - decision.at) * chosen.random()
		assert judge(what, facts, between).verdict == DEFER


@often
@given(strategies.requests, strategies.facts, strategies.times)
def test_a_replay_agrees_exactly(what, facts, when):
	decision = judge(what, facts, when)
	again = replay(record_of(decision))
	assert again == decision and record_of(again) == record_of(decision)


@often
@given(strategies.requests, strategies.facts, strategies.times)
def test_without_consent_only_approved_emergencies_are_allowed(what, facts, when):
	decision = judge(what, replace(facts, consents=()), when)
	if decision.verdict != BLOCK:
		assert what.purpose == "Emergency" and what.emergency is not None and decision.allowed


# An independent, naive reading of the calling hours: tables of this file, wall clocks, no shared code.
ADDRESS_ZONES = {
	None: [],
	"IL": ["America/Chicago"],
	"CA": ["America/Los_Angeles"],
	"FL": ["America/New_York", "America/Chicago"],
	"AL": ["America/Chicago"],
	"PA": ["America/New_York"],
	"KY": ["America/New_York", "America/Chicago"],
	"AZ": ["America/Phoenix"],
	"HI": ["Pacific/Honolulu"],
	"IN": ["America/New_York", "America/Chicago"],
	"LA": ["America/Chicago"],
	"ME": ["America/New_York"],
	"TX": ["America/Chicago", "America/Denver"],
}
STATE_OF_ZIP = {"60601": "IL", "33101": "FL", "32502": "FL", "86503": "AZ"}
STATE_OF_AREA = {
	"305": "FL",
	"850": "FL",
	"205": "AL",
	"215": "PA",
	"502": "KY",
	"605": "SD",
	"312": "IL",
	"504": "LA",
	"207": "ME",
	"713": "TX",
	"213": "CA",
}
LEGAL_2026 = {
	date(2026, month, day)
	for month, days in {
		1: (1, 19),
		2: (16,),
		5: (25,),
		6: (19,),
		7: (3, 4),
		9: (7,),
		10: (12,),
		11: (11, 26),
		12: (25,),
	}.items()
	for day in days
}
OWN_2026 = {
	"LA": {date(2026, 1, 8), date(2026, 2, 17), date(2026, 4, 3), date(2026, 8, 30), date(2026, 8, 31)}
	| {date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 27)},
	"AL": {date(2026, 2, 17), date(2026, 4, 27), date(2026, 6, 1), date(2026, 12, 1)},
	"PA": {date(2026, 2, 12), date(2026, 4, 3), date(2026, 6, 14), date(2026, 6, 15), date(2026, 11, 3)},
}


def callable_by_hand(number: str, state: str | None, listed: frozenset[date], when: datetime) -> bool:
	hours_of = state or STATE_OF_AREA.get(number[2:5])
	week = WINDOWS.get(hours_of, [(8, 21)] * 7)
	closed = listed | LEGAL_2026 | OWN_2026[hours_of] if hours_of in OWN_2026 else listed
	of_area = () if state else BY_HAND.get(number[2:5], ())
	for zone in [*ADDRESS_ZONES[state], *of_area, *time_zones_for_number(parse(number))]:
		local = when.astimezone(ZoneInfo(zone))
		hours = week[local.weekday()]
		if local.date() in closed or hours is None or not hours[0] <= local.hour < hours[1]:
			return False
	return True


@settings(max_examples=examples(250), deadline=None)
@given(
	st.sampled_from(strategies.NUMBERS),
	st.sampled_from(strategies.STATES),
	strategies.holidays,
	strategies.times,
)
def test_the_naive_reading_agrees(number, state, listed, when):
	"""ALLOW if and only if the time is inside the window and no holiday in every candidate zone.

	Until a deferral ends there is no such minute.
	"""
	decision = judge(request(number, state=state), Facts((CURRENT,), holidays=listed), when)
	assert (decision.verdict == ALLOW) is callable_by_hand(number, state, listed, when)
	if decision.verdict == DEFER:
		assert callable_by_hand(number, state, listed, decision.until)
		step = when.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
		while step < decision.until:
			assert not callable_by_hand(number, state, listed, step)
			step += timedelta(minutes=30)


@often
@given(strategies.willing_requests, strategies.willing_facts, strategies.times)
def test_an_allow_that_is_no_emergency_is_inside_every_window(what, facts, when):
	decision = judged_as(ALLOW, what, facts, when)
	if not decision:
		return
	hours_of = what.person.state or STATE_OF_ZIP.get(what.person.postal_code)
	hours_of = hours_of or STATE_OF_AREA.get(what.phone.e164.removeprefix("+1")[:3])
	attendance = what.purpose == "Attendance"
	if attendance and (hours_of == "CA" or (hours_of == "TX" and what.channel == "Voice")):
		hours_of = None
	week = WINDOWS.get(hours_of, [(8, 21)] * 7)
	for zone in what.phone.time_zones:
		local = decision.at.astimezone(ZoneInfo(zone))
		opens, closes = week[local.weekday()]
		assert opens <= local.hour < closes
		assert local.date() not in facts.holidays


@often
@given(strategies.requests, strategies.times)
def test_the_hours_end_at_the_first_moment_outside_them(asked, when):
	"""Checks `closes` against `within`."""
	policy = policies.for_request(asked) or policies.NONE
	asked = usable(asked)
	end = calling_hours.closes(asked, policy, when)
	inside = not calling_hours.within(asked, Facts(), policy, when)
	if end is None:
		place = locate(asked, policy)
		assert not inside or asked.purpose == "Emergency" or not place.judged or not place.zones
		return
	assert inside and end > when
	assert calling_hours.within(asked, Facts(), policy, end)
	assert not calling_hours.within(asked, Facts(), policy, end - timedelta(microseconds=1))
	middle = when + (end - when) / 2
	assert not calling_hours.within(asked, Facts(), policy, middle)
