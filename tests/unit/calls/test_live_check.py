"""The verdict on a live-check step from the end of its call log."""

import pytest

from school_dialer.calls.live_check import verdicts

ENDED = {
	"status": "completed",
	"status_rank": 90,
	"result": "reached",
	"answered_by": "human",
	"duration": 31,
	"voicemail_left": None,
	"error_code": None,
	"error_message": None,
}
MACHINE = {**ENDED, "result": "voicemail", "answered_by": "machine_end_beep", "voicemail_left": "Yes"}
TEXT = {**ENDED, "status": "delivered", "result": "reached", "answered_by": None, "duration": None}


@pytest.mark.parametrize(
	("log", "passed", "words"),
	[
		(ENDED, True, "heard the message"),
		(MACHINE, False, "took you for a machine"),
		({**ENDED, "result": "words not fetched"}, False, "did not get the words"),
		({**ENDED, "result": "hung up early", "duration": 4}, False, "after 4 s"),
		({**ENDED, "result": "not confirmed"}, False, "not confirmed"),
		({**ENDED, "result": None}, False, "completed"),
		({**ENDED, "status": "busy"}, False, "busy"),
		({**ENDED, "status": "no-answer"}, False, "no one answered"),
		({**ENDED, "status": "ringing", "status_rank": 30}, False, "ringing"),
		({**ENDED, "status": "failed", "error_code": "32009"}, False, "error 32009"),
		(
			{**ENDED, "status": "refused", "error_message": "Twilio error 21219", "error_code": "21219"},
			False,
			"21219.",
		),
	],
)
def test_an_answered_call(log, passed, words):
	verdict = verdicts.of_answered(log)
	assert verdict.passed is passed and words in verdict.detail


@pytest.mark.parametrize(
	("log", "passed", "words"),
	[
		(MACHINE, True, "after the greeting"),
		(
			{**MACHINE, "voicemail_left": "Not known", "answered_by": "machine_end_silence"},
			True,
			"No beep was heard (machine_end_silence)",
		),
		(
			{**MACHINE, "voicemail_left": "Not known", "answered_by": "machine_start"},
			False,
			"over the greeting",
		),
		({**MACHINE, "voicemail_left": "No"}, False, "cut off"),
		({**MACHINE, "voicemail_left": None}, False, "cut off"),
		(ENDED, False, "did not hear a machine (human)"),
		({**ENDED, "answered_by": None}, False, "no detection"),
		({**ENDED, "status": "no-answer"}, False, "no one answered"),
	],
)
def test_a_call_left_to_voicemail(log, passed, words):
	verdict = verdicts.of_voicemail(log)
	assert verdict.passed is passed and words in verdict.detail


@pytest.mark.parametrize(
	("log", "passed", "words"),
	[
		(TEXT, True, "delivered"),
		({**TEXT, "status": "read"}, True, "delivered"),
		({**TEXT, "status": "sent", "status_rank": 30}, False, "no delivery report"),
		({**TEXT, "status": "unreported", "status_rank": 80}, False, "no delivery report"),
		({**TEXT, "status": "queued", "status_rank": 10}, False, "queued"),
		({**TEXT, "status": "undelivered", "error_code": "30034"}, False, "30034"),
		(
			{**TEXT, "status": "refused", "error_message": "Not registered (30034)", "error_code": "30034"},
			False,
			"(30034).",
		),
		({**TEXT, "status": "canceled"}, False, "canceled"),
	],
)
def test_a_text(log, passed, words):
	verdict = verdicts.of_text(log)
	assert verdict.passed is passed and words in verdict.detail


@pytest.mark.parametrize(
	("log", "passed", "words"),
	[
		({**ENDED, "answered_by": "unknown", "result": "not acknowledged"}, True, "Who answered: unknown"),
		({**ENDED, "answered_by": None}, True, "not looked for"),
		(MACHINE, False, "took you for a machine"),
		({**ENDED, "result": "words not fetched"}, False, "did not get the words"),
		({**ENDED, "status": "no-answer"}, False, "no one answered"),
	],
)
def test_a_call_that_is_answered_in_silence(log, passed, words):
	verdict = verdicts.of_silent(log)
	assert verdict.passed is passed and words in verdict.detail


@pytest.mark.parametrize(
	("log", "passed", "words"),
	[
		({**ENDED, "result": "words not fetched"}, True, "Fallback URL"),
		(ENDED, False, "as if this site answered"),
		({**ENDED, "status": "busy"}, False, "busy"),
	],
)
def test_a_call_while_the_site_is_down(log, passed, words):
	verdict = verdicts.of_down(log)
	assert verdict.passed is passed and words in verdict.detail


@pytest.mark.parametrize(("level", "passed"), [("A", True), ("B", False), ("C", False), (None, True)])
def test_how_calls_are_signed(level, passed):
	verdict = verdicts.of_caller("+13125550100", level)
	assert verdict.passed is passed and "+13125550100" in verdict.detail


@pytest.mark.parametrize(
	("narrowed", "asked", "open_to", "passed"),
	[
		(None, False, [], True),
		(None, True, [], True),
		("this purpose", True, ["Voice"], True),
		("this purpose", False, ["Voice"], False),
		(None, False, ["Text"], False),
	],
)
def test_a_digit_after_stop(narrowed, asked, open_to, passed):
	assert verdicts.of_digit(narrowed, asked, open_to).passed is passed
