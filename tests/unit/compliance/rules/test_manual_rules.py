"""A call that a person dials and speaks in: consent and caps are those of automatic calls, the rest holds."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.base.phone import parse
from school_dialer.compliance import Attempt, Facts, OptOut, Person, Request, decide, policies, record_of
from school_dialer.compliance.codec import parse_time, replay
from school_dialer.compliance.vocabulary import FUNDRAISING, PURPOSES, SCOPES

NOON = parse_time("2026-05-12T17:00Z")
NIGHT = parse_time("2026-05-12T07:00Z")
RULES = policies.for_person("US", "FL")
HOME = Person(country="US", state="FL")
OTHERS = [purpose for purpose in PURPOSES if purpose not in (FUNDRAISING, "Emergency")]


NOTHING = Facts()


def ask(facts=NOTHING, at=NOON, person=HOME, purpose="Event", channel="Voice", manual=True):
	request = Request(parse("+13055550142"), channel, purpose, person, manual=manual)
	return decide(request, facts, RULES, at)


@pytest.mark.parametrize("purpose", OTHERS)
def test_no_consent_is_needed(purpose):
	assert ask(purpose=purpose).allowed
	assert "NO_CONSENT" in ask(purpose=purpose, manual=False).codes


def test_no_cap_of_automatic_calls():
	tried = tuple(Attempt(NOON - timedelta(hours=one), "Voice", "Event") for one in (1, 2, 3))
	assert ask(Facts(history=tried)).allowed
	assert "FREQUENCY_CAP" in ask(Facts(history=tried), manual=False).codes


def test_fund_raising_and_texts_gain_nothing():
	for more in ({"purpose": FUNDRAISING}, {"channel": "Text"}):
		assert ask(**more).codes == ask(**more, manual=False).codes != ()


@pytest.mark.parametrize("scope", SCOPES)
def test_opt_outs_hold(scope):
	stop = OptOut(scope=scope, purpose="Event", channel="Any", at=NOON - timedelta(days=1))
	assert "OPTED_OUT" in ask(Facts(opt_outs=(stop,))).codes


def test_hours_and_court_orders_hold():
	assert ask(at=NIGHT).codes == ("OUTSIDE_CALLING_HOURS",)
	assert "RESTRICTED_CONTACT" in ask(person=Person(country="US", state="FL", restricted=True)).codes


@given(st.sampled_from(PURPOSES), st.booleans(), st.booleans())
def test_it_only_ever_takes_away_consent_and_caps(purpose, restricted, stopped):
	person = Person(country="US", state="FL", restricted=restricted)
	stops = (OptOut("everything", None, "Any", NOON),) if stopped else ()
	by_hand = ask(Facts(opt_outs=stops), person=person, purpose=purpose)
	by_machine = ask(Facts(opt_outs=stops), person=person, purpose=purpose, manual=False)
	gone = set(by_machine.codes) - set(by_hand.codes)
	assert set(by_hand.codes) <= set(by_machine.codes)
	assert gone <= {"NO_CONSENT", "FREQUENCY_CAP"}


def test_the_record_says_so_and_replays():
	record = record_of(ask())
	assert record["request"]["manual"] is True and replay(record) == ask()
	assert "manual" not in record_of(ask(manual=False))["request"]
