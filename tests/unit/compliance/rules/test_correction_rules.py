"""Corrections: rules/correction.py, and what they are exempt from in opt_out.py and frequency.py."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings

from school_dialer.compliance import Attempt, decide, policies, record_of, replay
from school_dialer.compliance.vocabulary import FUNDRAISING, SCOPES
from tests.effort import examples
from tests.unit.compliance import strategies
from tests.unit.compliance.cases import APPROVED, GIVEN, NOON, WRITTEN, judge, opt_out, request

MIAMI = {"number": "+13055550142", "state": "FL", "postal_code": "33101"}
often = settings(max_examples=examples(200), deadline=None)


def attempts(purpose="General", corrects=False):
	return tuple(Attempt(NOON - timedelta(hours=one), "Voice", purpose, corrects) for one in (1, 2, 3))


def emergency(**more):
	return request(purpose="Emergency", emergency=APPROVED, corrects=True, **more)


def codes(what, *consents, **facts):
	return judge(what, *consents, **facts).codes


def test_it_goes_to_those_who_got_the_message_alone():
	assert codes(request(corrects=True), GIVEN) == ("NOT_HEARD",)
	assert codes(request(corrects=True), GIVEN, heard=True) == ()
	assert codes(emergency()) == ("NOT_HEARD",)
	assert codes(emergency(), heard=True) == ()


def test_caps_do_not_hold_it_back():
	assert codes(request(**MIAMI), GIVEN, history=attempts()) == ("FREQUENCY_CAP",)
	assert codes(request(**MIAMI, corrects=True), GIVEN, history=attempts(), heard=True) == ()


def test_it_does_not_count_for_later_messages():
	assert codes(request(**MIAMI), GIVEN, history=attempts(corrects=True)) == ()


def test_in_fund_raising_caps_hold_and_corrections_count():
	what = request(**MIAMI, purpose=FUNDRAISING, corrects=True)
	before = attempts(FUNDRAISING, corrects=True)
	assert codes(what, WRITTEN, history=before, heard=True) == ("FREQUENCY_CAP",)


def test_it_needs_consent_and_a_decent_hour(at_night):
	assert codes(request(corrects=True), heard=True) == ("NO_CONSENT",)
	decision = judge(request(corrects=True), GIVEN, heard=True, when=at_night)
	assert (decision.verdict, decision.codes) == ("DEFER", ("OUTSIDE_CALLING_HOURS",))
	assert judge(emergency(), heard=True, when=at_night).allowed


@pytest.mark.parametrize("scope", SCOPES)
def test_every_opt_out_holds_against_an_ordinary_one(scope):
	stop = opt_out(scope, "General")
	assert codes(request(corrects=True), GIVEN, opt_outs=(stop,), heard=True) == ("OPTED_OUT",)


@pytest.mark.parametrize("scope", SCOPES)
def test_only_everything_stops_the_correction_of_an_emergency(scope):
	stop = opt_out(scope, "Emergency")
	stopped = ("OPTED_OUT",) if scope == "everything" else ()
	assert codes(emergency(), opt_outs=(stop,), heard=True) == stopped


def test_a_court_order_stops_it():
	assert codes(emergency(restricted=True), heard=True) == ("RESTRICTED_CONTACT",)


@often
@given(strategies.requests, strategies.facts, strategies.times)
def test_no_correction_without_having_heard_and_none_to_a_barred_person(what, facts, when):
	what = replace(what, corrects=True)
	decision = decide(what, facts, policies.for_request(what), when)
	if not facts.heard or what.person.restricted:
		assert decision.verdict == "BLOCK"
	if any(one.scope == "everything" and one.channel in (None, "Any") for one in facts.opt_outs):
		assert decision.verdict == "BLOCK"


@often
@given(strategies.requests, strategies.facts, strategies.times)
def test_it_takes_away_caps_alone_and_opt_outs_of_emergencies(what, facts, when):
	facts, policy = replace(facts, heard=True), policies.for_request(what)
	usual = set(decide(replace(what, corrects=False), facts, policy, when).codes)
	found = set(decide(replace(what, corrects=True), facts, policy, when).codes)
	assert found <= usual and usual - found <= {"FREQUENCY_CAP", "OPTED_OUT"}
	if "OPTED_OUT" in usual - found:
		assert what.purpose == "Emergency"


def test_the_record_says_so_and_is_silent_otherwise():
	decision = judge(emergency(), heard=True, history=attempts(corrects=True))
	record = record_of(decision)
	assert record["request"]["corrects"] is True and record["facts"]["heard"] is True
	assert record["facts"]["history"][0]["corrects"] is True
	assert replay(record) == decision
	plain = record_of(judge(request(), GIVEN, history=attempts()))
	assert "corrects" not in plain["request"] and "heard" not in plain["facts"]
	assert "corrects" not in plain["facts"]["history"][0]
