"""``decide`` itself: verdicts, the end of a deferral, times."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from school_dialer.compliance import ALLOW, DEFER, Attempt, Consent, Facts, decide, policies
from school_dialer.compliance.rules import BLOCKING_RULES, DEFERRING_RULES, RULES
from school_dialer.compliance.vocabulary import BLOCKING, CODES, DEFERRING
from tests.unit.compliance.cases import GIVEN, NOON, amended, at, days, judge, opt_out, request


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
	assert not BLOCKING & DEFERRING and CODES == BLOCKING | DEFERRING and len(CODES) == 18
	assert RULES == BLOCKING_RULES + DEFERRING_RULES
	for rule in RULES:
		assert "Source" in rule.__doc__, rule


def test_decisions_are_values():
	assert judge(request(), GIVEN) == judge(request(), GIVEN)
	with pytest.raises(AttributeError):
		judge(request(), GIVEN).verdict = "ALLOW"


def test_a_deferral_ends_when_the_consent_becomes_stale(at_night):
	stale = at_night + timedelta(hours=2)
	for consent in (
		Consent("Any", "All", "number provided", stale - days(730)),
		Consent("Any", "All", "number provided", stale - days(2000), None, stale - days(730)),
	):
		decision = judge(request(), consent, when=at_night)
		assert (decision.verdict, decision.until) == (DEFER, stale)
		assert judge(request(), consent, when=stale).codes == ("CONSENT_STALE", "OUTSIDE_CALLING_HOURS")


def test_a_deferral_ends_when_the_consent_does_though_it_is_still_night():
	"""The cap ends at the same instant as the consent, and both are outside calling hours."""
	ends = at("2026-05-12T04:00:00Z")
	history = tuple(Attempt(ends - timedelta(hours=hours), "Voice", "General") for hours in (24, 23, 22))
	consent = Consent("Any", "All", "number provided", ends - days(100), ends)
	what = request("+13055550142", state="FL", postal_code="33101")
	decision = judge(what, consent, when=ends - timedelta(hours=5), history=history)
	assert (decision.verdict, decision.codes, decision.until) == (DEFER, ("FREQUENCY_CAP",), ends)


def test_a_consent_that_begins_lifts_the_landline_cap():
	policy = amended(consent__landline_exempt_purposes=["General"])
	what = request(state="IL", line_type="landline")
	history = tuple(Attempt(NOON - days(1), "Voice", "General") for _ in range(3))
	coming = Consent("Any", "All", "number provided", NOON + timedelta(hours=1))
	decision = judge(what, coming, policy=policy, history=history)
	assert (decision.verdict, decision.until) == (DEFER, NOON + timedelta(hours=1))
	assert judge(what, coming, policy=policy, history=history, when=decision.until).allowed
