"""Parse a status callback's form into a `StatusUpdate`.

Parameters are Twilio's (https://www.twilio.com/docs/voice/api/call-resource#statuscallback).
"""

import re
from collections.abc import Mapping

from school_dialer.base import states
from school_dialer.calls.office.leg import Report
from school_dialer.outbound.attempts.status_updates import StatusUpdate

LONGEST_NUMBER = 6
LONGEST_SID = 36
KEYS = re.compile(r"[0-9*#]{1,20}", re.ASCII)
RECORDING_SID = re.compile(r"RE[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Twilio's, and the UUID of SignalWire's."""
SIP_CODE = re.compile(r"[1-6][0-9]{2}", re.ASCII)
LENGTH = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?", re.ASCII)
SHORTEST_TAKE = 1.0
"""Seconds. A recording that is shorter than this after trimming its silence contains no words."""
LONGEST_DETECTION = 60.0
"""Seconds. The longest that Twilio listens for a machine."""


def parameter(form: Mapping[str, str], name: str, most: int = 140) -> str:
	return (form.get(name) or "")[:most]


def seconds(text: str) -> int | None:
	"""Return the seconds, or None for text that is not a number or is longer than a call can be."""
	return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def keys(form: Mapping[str, str]) -> str:
	"""Return the pressed keys. The carrier may send "hangup" in their place, which counts as no key."""
	pressed = (form.get("Digits") or "").strip()
	return pressed if KEYS.fullmatch(pressed) else ""


def recording(form: Mapping[str, str]) -> str:
	"""Return the carrier's id of a recording, or "" if it is invalid, so that it is never fetched."""
	sid = form.get("RecordingSid") or ""
	return sid if RECORDING_SID.fullmatch(sid) else ""


def is_silent(form: Mapping[str, str]) -> bool:
	"""Return whether the recording is empty. One without a stated length may contain something."""
	length = form.get("RecordingDuration") or ""
	return bool(LENGTH.fullmatch(length)) and float(length) < SHORTEST_TAKE


def has_hung_up(form: Mapping[str, str]) -> bool:
	"""Return whether the response to this request goes unheard: the end of the call triggered it."""
	status = form.get("CallStatus") or ""
	return form.get("Digits") == "hangup" or (status in states.RANK and states.is_final(status))


def detection(form: Mapping[str, str]) -> float:
	"""Return the seconds that the carrier spent on answering-machine detection; 0 if not reported."""
	milliseconds = form.get("MachineDetectionDuration") or ""
	return min(float(milliseconds) / 1000, LONGEST_DETECTION) if LENGTH.fullmatch(milliseconds) else 0.0


def sip_code(form: Mapping[str, str]) -> str:
	"""Return the status code of the telephone network (RFC 3261), or "" if it is none."""
	code = form.get("SipResponseCode") or ""
	return code if SIP_CODE.fullmatch(code) else ""


def of_call(form: Mapping[str, str]) -> StatusUpdate:
	return StatusUpdate(
		parameter(form, "CallStatus"),
		sid=parameter(form, "CallSid"),
		answered_by=parameter(form, "AnsweredBy"),
		duration=seconds(parameter(form, "CallDuration")),
		error_code=parameter(form, "ErrorCode"),
		attestation=parameter(form, "StirStatus", 4),
		sip_code=sip_code(form),
		account=parameter(form, "AccountSid", LONGEST_SID),
	)


def of_leg(form: Mapping[str, str]) -> Report:
	"""Return the status of the call to the office, from its own callback."""
	return Report(
		parameter(form, "CallStatus"),
		sid=parameter(form, "CallSid", LONGEST_SID),
		seconds=seconds(parameter(form, "CallDuration")),
		error_code=parameter(form, "ErrorCode", 20),
	)


def of_dial(form: Mapping[str, str]) -> Report:
	"""Return how a <Dial> ended.

	"completed" is also reported if the other party picked up and was never connected: DialBridged tells.
	"""
	bridged = parameter(form, "DialBridged", 5).lower()
	return Report(
		parameter(form, "DialCallStatus"),
		sid=parameter(form, "DialCallSid", LONGEST_SID),
		bridged=bridged == "true" if bridged in ("true", "false") else None,
		seconds=seconds(parameter(form, "DialCallDuration")),
		error_code=parameter(form, "ErrorCode", 20),
	)


def of_text(form: Mapping[str, str]) -> StatusUpdate:
	return StatusUpdate(
		parameter(form, "MessageStatus"),
		sid=parameter(form, "MessageSid"),
		error_code=parameter(form, "ErrorCode"),
		account=parameter(form, "AccountSid", LONGEST_SID),
	)
