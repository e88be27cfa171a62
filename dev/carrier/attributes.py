"""The attributes of TwiML's verbs and nouns, and what Twilio's debugger says of their values."""

from __future__ import annotations

import re
from collections.abc import Callable

KEYS = "0123456789*#"
CALL_EVENTS = ("initiated", "ringing", "answered", "completed")
RECORDING_EVENTS = ("in-progress", "completed", "absent")
SWITCH = ("true", "false")
WHOLE = re.compile("[0-9]{1,9}")

Check = Callable[[str], "int | None"]
"""Returns the code of the warning for a value, or None for a value that fits."""


def anything(value: str) -> None:
	return None


def whole(code: int, smallest: int = 0, *words: str) -> Check:
	"""Return a check for a whole number from ``smallest``, or one of these words."""

	def check(value: str) -> int | None:
		fits = WHOLE.fullmatch(value) is not None and int(value) >= smallest
		return None if fits or value in words else code

	return check


def one_of(code: int, *values: str) -> Check:
	return lambda value: None if value.lower() in values else code


def words_of(code: int, *values: str) -> Check:
	"""Return a check for words separated by spaces, at least one."""
	return lambda value: None if value.split() and set(value.split()) <= set(values) else code


def matching(code: int, pattern: str) -> Check:
	return lambda value: None if re.fullmatch(pattern, value) else code


def method(code: int) -> Check:
	return one_of(code, "get", "post")


def transcribed(value: str) -> int | None:
	"""Warn of a transcription, which this carrier does not make (13619)."""
	return {"true": 13619, "false": None}.get(value.lower(), 13614)


ATTRIBUTES: dict[str, dict[str, Check]] = {
	"Say": {"voice": anything, "language": anything, "loop": whole(13510)},
	"Play": {"loop": whole(13410), "digits": matching(13430, "[0-9A-D*#wW]+")},
	"Pause": {"length": whole(12200)},
	"Gather": {
		"action": anything,
		"method": method(13312),
		"timeout": whole(13313, 0, "auto"),
		"numDigits": whole(13314, 1),
		"finishOnKey": matching(13310, f"[{KEYS}]*"),
		"input": words_of(13326, "dtmf", "speech"),
		"language": anything,
		"hints": anything,
		"speechTimeout": whole(13327, 1, "auto"),
		"bargeIn": one_of(13332, *SWITCH),
		"actionOnEmptyResult": one_of(13338, *SWITCH),
		"profanityFilter": one_of(13333, *SWITCH),
	},
	"Record": {
		"action": anything,
		"method": method(13610),
		"timeout": whole(13611, 1),
		"finishOnKey": matching(13613, f"[{KEYS}]*"),
		"maxLength": whole(13612, 1),
		"playBeep": one_of(13616, *SWITCH),
		"trim": one_of(13699, "trim-silence", "do-not-trim"),
		"recordingStatusCallback": anything,
		"recordingStatusCallbackMethod": method(12200),
		"recordingStatusCallbackEvent": words_of(13621, *RECORDING_EVENTS),
		"transcribe": transcribed,
		"transcribeCallback": anything,
	},
	"Dial": {
		"action": anything,
		"method": method(13210),
		"timeout": whole(13212, 1),
		"timeLimit": whole(13216, 1),
		"hangupOnStar": one_of(13213, *SWITCH),
		"callerId": anything,
		"answerOnBridge": one_of(13219, *SWITCH),
		"sequential": one_of(13218, *SWITCH),
		"ringTone": matching(13220, "[a-z]{2}(-old)?"),
		"record": anything,
		"trim": anything,
		"recordingStatusCallback": anything,
		"recordingStatusCallbackMethod": method(12200),
		"recordingStatusCallbackEvent": words_of(13621, *RECORDING_EVENTS),
	},
	"Number": {
		"url": anything,
		"method": method(13221),
		"sendDigits": matching(13222, "[0-9A-D*#wW]+"),
		"statusCallback": anything,
		"statusCallbackMethod": method(12200),
		"statusCallbackEvent": words_of(21626, *CALL_EVENTS),
	},
	"Redirect": {"method": method(12200)},
	"Hangup": {},
	"Reject": {"reason": one_of(12200, "rejected", "busy")},
	"Message": {
		"to": anything,
		"from": anything,
		"action": anything,
		"method": method(12200),
		"statusCallback": anything,
	},
}

NOT_SIMULATED = {
	"Dial": ("recordingTrack", "referUrl", "referMethod", "events"),
	"Number": (
		"byoc",
		"machineDetection",
		"machineDetectionTimeout",
		"machineDetectionSpeechThreshold",
		"machineDetectionSpeechEndThreshold",
		"machineDetectionSilenceTimeout",
		"amdStatusCallback",
		"amdStatusCallbackMethod",
	),
}
"""What Twilio has and this carrier does not. A document with it is refused: a test cannot pass without it."""


def warnings_of(name: str, attributes: dict[str, str]) -> list[int]:
	"""Return the codes of the warnings for a verb's attributes: one 12200 for all that do not exist."""
	described = ATTRIBUTES[name]
	codes = [12200] if set(attributes) - set(described) else []
	found = (
		check(attributes[attribute]) for attribute, check in described.items() if attribute in attributes
	)
	return codes + [code for code in found if code is not None]


def refused(name: str, attributes: dict[str, str]) -> tuple[int, str] | None:
	"""Return the code and reason for which a document is refused: it needs what is not simulated here."""
	if missing := [one for one in NOT_SIMULATED.get(name, ()) if one in attributes]:
		return 12200, f"{missing[0]} of <{name}> is not simulated"
	if name == "Dial" and attributes.get("record", "false") not in ("false", "do-not-record"):
		return 13217, f"record={attributes['record']!r} of <Dial> is not simulated"
	return None
