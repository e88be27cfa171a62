"""Frequency caps: rules/frequency.py."""

from datetime import timedelta

import pytest

from school_dialer.compliance import Attempt
from tests.unit.compliance.cases import GIVEN, NOON, amended, at, days, judge, outcome, request

MIAMI = {"number": "+13055550142", "state": "FL", "postal_code": "33101"}


def attempts(*hours_ago: float, purpose="General", channel="Voice"):
	return tuple(Attempt(NOON - timedelta(hours=hours), channel, purpose) for hours in hours_ago)


@pytest.mark.parametrize(
	"person",
	[
		MIAMI,
		{"number": "+14055550142", "state": "OK"},
		{"number": "+14105550142", "state": "MD"},
		{"number": "+13055550142"},
	],
)
def test_three_in_24_hours_on_one_subject(person):
	what = request(**person)
	assert judge(what, GIVEN, history=attempts(1, 2)).allowed
	decision = judge(what, GIVEN, history=attempts(20, 1, 2))
	assert (decision.verdict, decision.codes) == ("DEFER", ("FREQUENCY_CAP",))
	assert decision.until == NOON + timedelta(hours=4)
	assert judge(what, GIVEN, when=decision.until, history=attempts(20, 1, 2)).allowed


def test_other_states_have_no_such_cap():
	assert judge(request(state="IL"), GIVEN, history=attempts(1, 2, 3, 4)).allowed
	assert judge(request("+13055550142", state="IL"), GIVEN, history=attempts(1, 2, 3, 4)).allowed


def test_oregon_counts_texts_and_every_subject():
	what = request("+15035550142", purpose="Event", state="OR", postal_code="97201")
	made = [
		Attempt(NOON - timedelta(hours=hours), "Text", purpose)
		for hours, purpose in ((2, "Event"), (10, "Fees"), (23, "Attendance"))
	]
	decision = judge(what, GIVEN, history=made)
	assert (decision.codes, decision.until) == (("FREQUENCY_CAP",), NOON + timedelta(hours=1))
	assert "646.563" in decision.reasons[0].citation
	assert judge(what, GIVEN, history=made[:2]).allowed
	alarms = [Attempt(NOON - timedelta(minutes=minute), "Voice", "Emergency") for minute in (1, 2, 3)]
	assert judge(what, GIVEN, history=[*made[:2], *alarms]).allowed, "they solicit nothing"


def test_another_subject_does_not_count_but_an_unknown_one_does():
	what = request(**MIAMI)
	assert judge(what, GIVEN, history=attempts(1, 2, 3, purpose="Fees")).allowed
	assert judge(what, GIVEN, history=attempts(1, 2) + attempts(3, purpose=None)).codes == ("FREQUENCY_CAP",)


def test_calls_and_texts_count_alike():
	assert judge(request(**MIAMI), GIVEN, history=attempts(1, 2) + attempts(3, channel="Text")).codes == (
		"FREQUENCY_CAP",
	)


def test_an_attempt_falls_out_when_it_is_as_old_as_the_cap_is_long():
	what = request(**MIAMI)
	assert judge(what, GIVEN, history=attempts(24, 1, 2)).allowed
	assert judge(what, GIVEN, history=attempts(23.999, 1, 2)).codes == ("FREQUENCY_CAP",)


def test_attempts_dated_in_the_future_count():
	decision = judge(request(**MIAMI), GIVEN, history=attempts(-1, -2, -3))
	assert (decision.verdict, decision.until) == ("DEFER", at("2026-05-13T18:00:00Z"))
	never = tuple(Attempt(at("9999-12-31T23:00:00Z"), "Voice", "General") for _ in range(3))
	assert outcome(request(**MIAMI), GIVEN, history=never) == ("BLOCK", ("FREQUENCY_CAP",))


def test_more_attempts_than_the_cap_wait_for_the_last_three():
	assert judge(request(**MIAMI), GIVEN, history=attempts(23, 22, 3, 2, 1)).until == NOON + timedelta(
		hours=21
	)


def test_a_cap_that_ends_at_night_waits_for_the_morning():
	decision = judge(request(**MIAMI), GIVEN, history=attempts(14, 13, 12))
	assert (decision.codes, decision.until) == (("FREQUENCY_CAP",), at("2026-05-13T12:00:00Z"))


@pytest.mark.parametrize("line_type, capped", [("landline", True), ("unknown", True), ("mobile", False)])
def test_three_in_30_days_to_landlines_without_consent(line_type, capped):
	what = request(state="IL", line_type=line_type)
	history = attempts(24 * 29, 24 * 10, 24 * 5, purpose="Event")
	codes = ("FREQUENCY_CAP", "NO_CONSENT") if capped else ("NO_CONSENT",)
	assert judge(what, history=history).codes == codes
	assert judge(what, GIVEN, history=history).allowed
	assert judge(what, history=history[1:]).codes == ("NO_CONSENT",)


def test_the_landline_cap_under_a_policy_that_exempts_such_calls():
	exempting = amended(consent__landline_exempt_purposes=["General"])
	what = request(state="IL", line_type="landline")
	history = attempts(24 * 29, 24 * 10, 24 * 5, purpose="Event")
	decision = judge(what, history=history, policy=exempting)
	assert (decision.verdict, decision.codes, decision.until) == ("DEFER", ("FREQUENCY_CAP",), NOON + days(1))


def test_caps_a_policy_sets():
	daily = {
		"maximum": 1,
		"hours": 24,
		"per": "number",
		"states": [],
		"landline_without_consent": False,
		"citation": "School board",
	}
	assert judge(
		request(), GIVEN, history=attempts(5, purpose="Fees"), policy=amended(caps=[daily])
	).until == (at("2026-05-13T13:00:00Z"))
