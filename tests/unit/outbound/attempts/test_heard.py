"""The rule for what counts as heard, for every call length, message length and detection time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.outbound.attempts.heard import LEFT, NOT_KNOWN, NOT_LEFT, PACE, left_on_machine, outlasted

durations = st.one_of(st.none(), st.integers(0, 14_400))
answerers = st.sampled_from([None, "", "human", "unknown"])
seconds = st.floats(0.1, 300)
detections = st.floats(0, 60)


@given(durations, answerers, seconds, detections)
def test_a_longer_call_is_never_heard_less(duration, answered_by, needed, detection):
	if outlasted(duration, answered_by, needed, detection):
		assert outlasted(duration + 1, answered_by, needed, detection)
		assert outlasted(duration, answered_by, needed / 2, detection)
		assert outlasted(duration, answered_by, 0, detection)


@given(st.integers(0, 5), answerers, st.floats(10, 300))
def test_a_few_seconds_are_never_enough_for_ten(duration, answered_by, needed):
	assert not outlasted(duration, answered_by, needed)


@given(st.floats(1, 120), st.floats(0.5, 60), st.floats(0, 20))
def test_who_stays_to_the_end_has_heard_it(needed, detection, longer):
	"""True whichever way the carrier rounds the time it listened."""
	for whole in (int, round):
		assert outlasted(whole(detection + needed + longer + 1), "human", needed, detection)


@given(st.floats(5, 120), st.floats(1.5, 5), st.floats(0.3, 0.7))
def test_who_hears_two_thirds_at_most_has_not_heard_it(needed, detection, share):
	spent = detection + share * needed
	if needed * (PACE - share) > 2 + 1:
		assert not outlasted(round(spent), "human", needed)


@given(answerers, seconds, detections)
def test_without_a_length_nothing_was_heard_but_for_a_key(answered_by, needed, detection):
	assert not outlasted(None, answered_by, needed, detection)
	assert outlasted(None, answered_by, 0, detection)


@pytest.mark.parametrize(
	("duration", "answered_by", "needed", "expected"),
	[
		(0, "human", 8, False),
		(1, "", 8, False),
		(5, "human", 8, False),
		(10, "human", 8, False),
		(11, "human", 8, True),
		(8, "", 8, True),
		(7, "", 8, False),
		(12, "unknown", 8, False),
		(13, "unknown", 8, True),
	],
)
def test_some_calls(duration, answered_by, needed, expected):
	assert outlasted(duration, answered_by, needed) is expected


@pytest.mark.parametrize(
	("answered_by", "to_the_end", "expected"),
	[
		("machine_end_beep", True, LEFT),
		("machine_end_beep", False, NOT_LEFT),
		("machine_end_silence", True, NOT_KNOWN),
		("machine_end_other", True, NOT_KNOWN),
		("unknown", True, NOT_KNOWN),
		(None, True, NOT_KNOWN),
		("machine_start", True, NOT_KNOWN),
		("machine_start", False, NOT_LEFT),
		("fax", True, NOT_LEFT),
	],
)
def test_what_a_machine_has(answered_by, to_the_end, expected):
	assert left_on_machine(answered_by, to_the_end) == expected
