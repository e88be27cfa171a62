"""<Record> for a caller who leaves a message: what ends it, what is kept of it, and what is called back."""

from __future__ import annotations

import pytest
from carrier_kit import PERSON
from dial_kit import call_in
from hypothesis import given
from hypothesis import strategies as st

from dev.carrier.world.behaviour import Voice
from dev.carrier.world.listener import Listener

WORDS = "My son Leo is ill and stays at home today."  # ten words, 4 seconds


def record(attributes: str = "") -> str:
	return f'<Response><Record action="/taken" {attributes}/><Say>Nothing heard.</Say></Response>'


@pytest.mark.parametrize(
	("attributes", "caller", "seconds", "digits", "duration"),
	[
		("", {"says": [7]}, "7", "", 12),
		('timeout="2"', {"says": [7]}, "7", "", 9),
		('maxLength="9"', {"says": [7]}, "7", "", 9),
		('maxLength="5"', {"says": [7]}, "5", "", 5),
		("", {"says": [7], "finishes_with": "#"}, "7", "#", 8),
		('finishOnKey="*"', {"says": [7], "finishes_with": "#"}, "7", "", 12),
		('finishOnKey=""', {"says": [7], "finishes_with": "#"}, "7", "", 12),
		('finishOnKey="9*"', {"says": [7], "finishes_with": "9"}, "7", "9", 8),
		('maxLength="7"', {"says": [7], "finishes_with": "#"}, "7", "", 7),
		('trim="do-not-trim"', {"says": [7]}, "12", "", 12),
		('trim="do-not-trim" maxLength="9"', {"says": [7]}, "9", "", 9),
		('trim="do-not-trim"', {"says": [7], "finishes_with": "#"}, "7", "#", 8),
		('trim="trim-silence"', {"says": [7]}, "7", "", 12),
		('maxLength="0" timeout="0"', {"says": [7]}, "7", "", 12),
		("", {"says": [WORDS]}, "4", "", 9),
		("", {"says": ["Yes."]}, "1", "", 6),
		("", {"says": [7], "hangs_up_in": "record"}, "7", "hangup", 7),
		("", {"says": [7], "after_seconds": 3}, "3", "hangup", 3),
		("", {"says": [7], "after_seconds": 10}, "7", "hangup", 10),
	],
)
def test_what_ends_a_recording(carrier, site, attributes, caller, seconds, digits, duration):
	result = call_in(carrier, site, record(attributes), **caller)
	(taken,) = site.to("/taken")
	assert (taken.params["RecordingDuration"], taken.params["Digits"]) == (seconds, digits)
	assert result["duration"] == duration and result["recordings"] == [taken.params["RecordingSid"]]
	assert result["digits"] == ([digits] if len(digits) == 1 else [])


@pytest.mark.parametrize("caller", [{"says": [0]}, {"says": [0], "finishes_with": "#"}])
@pytest.mark.parametrize("trim", ["trim-silence", "do-not-trim"])
def test_silence_goes_on_with_the_document(carrier, site, caller, trim):
	result = call_in(carrier, site, record(f'timeout="3" trim="{trim}"'), **caller)
	assert not site.to("/taken") and result["sentences"] == ["Nothing heard."]
	assert result["recordings"] == [] and result["duration"] == 4


@pytest.mark.parametrize(
	("attributes", "words"),
	[("", WORDS), ('maxLength="2"', WORDS[:17]), ('maxLength="1"', WORDS[:6])],
)
def test_the_journal_has_the_words(carrier, site, attributes, words):
	call_in(carrier, site, record(attributes), says=[WORDS])
	assert [line["words"] for line in carrier.log("recording")] == [words]


@pytest.mark.parametrize(("attributes", "beep"), [("", True), ('playBeep="false"', False)])
def test_the_journal_says_whether_it_beeped(carrier, site, attributes, beep):
	call_in(carrier, site, record(attributes))
	assert carrier.log("recording")[0]["beep"] is beep


@pytest.mark.parametrize(
	("events", "caller", "expected"),
	[
		("", {"says": [7]}, ["completed"]),
		("", {"says": [0]}, []),
		("in-progress completed absent", {"says": [7]}, ["in-progress", "completed"]),
		("in-progress completed absent", {"says": [0]}, ["in-progress", "absent"]),
		("absent", {"says": [0], "after_seconds": 1}, ["absent"]),
		("absent", {"says": [7]}, []),
	],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_callbacks_of_a_recording(carrier, site, events, caller, expected, method):
	wanted = f'recordingStatusCallbackEvent="{events}"' if events else ""
	call_in(
		carrier,
		site,
		record(f'recordingStatusCallback="/heard" recordingStatusCallbackMethod="{method}" {wanted}'),
		**caller,
	)
	assert [line["callback_status"] for line in carrier.log("callback")] == expected
	assert {request.method for request in site.to("/heard")} <= {method}
	assert all(request.signed for request in site.to("/heard"))


def test_a_recording_in_progress_has_the_sid_that_it_keeps(carrier, twilio, site):
	events = 'recordingStatusCallbackEvent="in-progress completed"'
	call_in(carrier, site, record(f'recordingStatusCallback="/heard" {events}'))
	(sid,) = {request.params["RecordingSid"] for request in site.to("/heard")}
	assert site.to("/taken")[0].params["RecordingSid"] == sid and twilio.recordings(sid).fetch().sid == sid


@pytest.mark.parametrize("fault", ["drop_callback", "double_callback"])
def test_callbacks_of_recordings_are_lost_or_doubled(carrier, site, fault):
	carrier.control("faults", {fault: 1})
	call_in(carrier, site, record('recordingStatusCallback="/heard"'))
	assert len(site.to("/heard")) == (0 if fault == "drop_callback" else 2)


def test_a_transcription_is_warned_of_and_not_made(carrier, site):
	result = call_in(carrier, site, record('transcribe="true" transcribeCallback="/written"'))
	assert result["documents"][0]["warnings"] == [13619] and not site.to("/written")
	assert site.to("/taken")


@given(st.one_of(st.integers(0, 3600), st.text("ab c", min_size=1, max_size=200)), st.integers(1, 3600))
def test_no_more_is_said_than_fits_and_no_word_is_made_up(said, longest):
	spoken = Listener(Voice("answers", says=(said,))).speak(longest)
	assert 0 <= spoken.seconds <= longest
	words = said if isinstance(said, str) else ""
	assert words.split()[: len(spoken.words.split())] == spoken.words.split() or len(words.split()) == 1


@pytest.mark.parametrize(
	"wrong",
	[{"says": [""]}, {"says": [None]}, {"finishes_with": "12"}, {"finishes_with": "x"}, {"finishes_with": 1}],
)
def test_people_say_words_and_press_one_key(carrier, wrong):
	with pytest.raises(Exception, match=f"{next(iter(wrong))} cannot be"):
		carrier.control("people", {PERSON: {"behaviour": "answers", **wrong}})
