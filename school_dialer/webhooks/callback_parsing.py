"""A status callback's form as `News`. Parameters are Twilio's (https://www.twilio.com/docs/voice/api/call-resource#statuscallback)."""

import re
from collections.abc import Mapping

from school_dialer import states
from school_dialer.attempts.status_updates import StatusUpdate

LONGEST_NUMBER = 6
KEYS = re.compile(r"[0-9*#]{1,20}", re.ASCII)
RECORDING_SID = re.compile(r"RE[0-9a-f]{32}")
LENGTH = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?", re.ASCII)
SHORTEST_TAKE = 1.0
"""Seconds. A recording that is shorter after its silence was trimmed holds no word."""
LONGEST_DETECTION = 60.0
"""Seconds, the most that Twilio listens for a machine."""


def parameter(form: Mapping[str, str], name: str, most: int = 140) -> str:
	return (form.get(name) or "")[:most]


def seconds(text: str) -> int | None:
	"""None for what is no number, or longer than a call can be."""
	return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def keys(form: Mapping[str, str]) -> str:
	"""Pressed keys. The carrier also sends "hangup" in their place, which is none."""
	pressed = (form.get("Digits") or "").strip()
	return pressed if KEYS.fullmatch(pressed) else ""


def recording(form: Mapping[str, str]) -> str:
	"""The carrier's id of a recording, or "": what is no id is never asked for."""
	sid = form.get("RecordingSid") or ""
	return sid if RECORDING_SID.fullmatch(sid) else ""


def is_silent(form: Mapping[str, str]) -> bool:
	"""Whether nothing is on the recording. One whose length is not given may hold something."""
	length = form.get("RecordingDuration") or ""
	return bool(LENGTH.fullmatch(length)) and float(length) < SHORTEST_TAKE


def has_hung_up(form: Mapping[str, str]) -> bool:
	"""Whether nobody hears the answer to this request any more: an action that the end of the call set off."""
	status = form.get("CallStatus") or ""
	return form.get("Digits") == "hangup" or (status in states.RANK and states.is_final(status))


def detection(form: Mapping[str, str]) -> float:
	"""Seconds for which the carrier says it listened for a machine; 0 when it does not say."""
	milliseconds = form.get("MachineDetectionDuration") or ""
	return min(float(milliseconds) / 1000, LONGEST_DETECTION) if LENGTH.fullmatch(milliseconds) else 0.0


def of_call(form: Mapping[str, str]) -> StatusUpdate:
	return StatusUpdate(
		parameter(form, "CallStatus"),
		sid=parameter(form, "CallSid"),
		answered_by=parameter(form, "AnsweredBy"),
		duration=seconds(parameter(form, "CallDuration")),
		error_code=parameter(form, "ErrorCode"),
		attestation=parameter(form, "StirStatus", 4),
	)


def of_text(form: Mapping[str, str]) -> StatusUpdate:
	return StatusUpdate(
		parameter(form, "MessageStatus"),
		sid=parameter(form, "MessageSid"),
		error_code=parameter(form, "ErrorCode"),
	)
