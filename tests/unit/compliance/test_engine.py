"""decide itself: verdicts, the end of a deferral, times."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from school_dialer.compliance import ALLOW, DEFER, Attempt, Facts, decide, policies
from school_dialer.compliance.model import BLOCKING, CODES, DEFERRING
from school_dialer.compliance.rules import BLOCKING_RULES, DEFERRING_RULES, RULES
from tests.unit.compliance.cases import GIVEN, NOON, at, judge, opt_out, request


def test_a_naive_time_is_refused():
	with pytest.raises(ValueError, match="time zone"):
		decide(request(), Facts(), policies.load("US"), datetime(2026, 5, 12))


@pytest.mark.parametrize("zone", [ZoneInfo("Asia/Kathmandu"), timezone(timedelta(hours=-7)), timezone.utc])
def test_any_time_zone_of_the_caller_is_the_same_instant(zone):
	decision = judge(request(), GIVEN, when=at("2026-05-12T12:00:00Z").astimezone(zone))
	assert decision == judge(request(), GIVEN, when=at("2026-05-12T12:00:00Z"))
	assert decision.at.tzinfo is timezone.utc and decision.until.tzinfo is timezone.utc


def test_an_allow_has_no_reasons_and_no_until():
	decision = judge(request(), GIVEN)
	assert (decision.verdict, decision.reasons, decision.until, decision.codes) == (ALLOW, (), None, ())
	assert decision.allowed


def test_until_is_the_first_instant_at_which_nothing_defers():
	what = request("+13055550142", state="FL", postal_code="33101")
	history = tuple(Attempt(NOON - timedelta(hours=hours), "Voice", "General") for hours in (12, 11, 2.5))
	decision = judge(what, GIVEN, history=history, holidays=frozenset({NOON.date()}))
	assert (decision.verdict, decision.codes) == (DEFER, ("FREQUENCY_CAP", "HOLIDAY"))
	assert decision.until == at("2026-05-13T12:00:00Z")


def test_a_block_lists_what_would_only_defer(at_night):
	decision = judge(request(), GIVEN, when=at_night, opt_outs=(opt_out("everything"),))
	assert (decision.verdict, decision.until) == ("BLOCK", None)
	assert decision.codes == ("OPTED_OUT", "OUTSIDE_CALLING_HOURS")


def test_every_code_blocks_or_defers_and_every_rule_has_its_source():
	assert not BLOCKING & DEFERRING and CODES == BLOCKING | DEFERRING and len(CODES) == 14
	assert RULES == BLOCKING_RULES + DEFERRING_RULES
	for rule in RULES:
		assert "Source" in rule.__doc__, rule


def test_decisions_are_values():
	assert judge(request(), GIVEN) == judge(request(), GIVEN)
	with pytest.raises(AttributeError):
		judge(request(), GIVEN).verdict = "ALLOW"
