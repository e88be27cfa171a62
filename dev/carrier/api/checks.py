"""Request parameters, checked as the API's description and its error codes require."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from dev.carrier.api.errors import ApiError
from dev.carrier.clock import UTC
from dev.carrier.exchange.numbers import normalise

CALL_EVENTS = ("initiated", "ringing", "answered", "completed")
CALL_STATUSES = ("queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled")
LONGEST_RING = 600
LONGEST_TWIML = 4000
LONGEST_URL = 4000
LONGEST_BODY = 1600
SERVICE_SID = re.compile(r"MG[0-9a-fA-F]{32}")
SEND_DIGITS = re.compile(r"[0-9ABCD#*wW]{1,32}")
SOONEST, LATEST = timedelta(seconds=300), timedelta(days=35)

# Valid ranges for answering-machine detection settings: milliseconds, but seconds for the first one.
DETECTION_RANGES = {
	"MachineDetectionTimeout": (3, 59),
	"MachineDetectionSpeechThreshold": (1000, 6000),
	"MachineDetectionSpeechEndThreshold": (500, 5000),
	"MachineDetectionSilenceTimeout": (2000, 10000),
}

# Twilio's own test numbers, which mean the same here: number -> error code.
TEST_CALL_TO = {
	"+15005550001": 21217,
	"+15005550002": 21214,
	"+15005550003": 21215,
	"+15005550004": 21216,
}
TEST_TEXT_TO = {
	"+15005550001": 21211,
	"+15005550002": 21612,
	"+15005550003": 21408,
	"+15005550004": 21610,
	"+15005550009": 21614,
}
TEST_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}


def recipient(params: Mapping[str, str], missing: int) -> str:
	"""Return the To parameter in E.164; raise ApiError ``missing`` or 21211."""
	return _number(params, "To", missing, 21211)


def sender(params: Mapping[str, str], missing: int) -> str:
	"""Return the From parameter in E.164; raise ApiError ``missing`` or 21212."""
	return _number(params, "From", missing, 21212)


def _number(params: Mapping[str, str], name: str, missing: int, invalid: int) -> str:
	written = params.get(name, "").strip()
	if not written:
		raise ApiError(missing)
	number = normalise(written)
	if number is None:
		raise ApiError(invalid, value=written)
	return number


def url(params: Mapping[str, str], name: str, code: int = 21205) -> None:
	"""Raise ApiError ``code`` unless the parameter is missing, empty or a valid URL."""
	value = params.get(name)
	if not value:
		return
	try:
		parts = urlsplit(value)
		fits = parts.scheme in ("http", "https") and bool(parts.hostname) and len(value) <= LONGEST_URL
		fits = fits and "_" not in parts.hostname and " " not in value and (parts.port or 1) > 0
	except ValueError:
		fits = False
	if not fits:
		raise ApiError(code, value=value)


def methods(params: Mapping[str, str], *names: str) -> None:
	"""Raise ApiError 21209 unless each given parameter is GET or POST."""
	for name in names:
		if name in params and params[name].upper() not in ("GET", "POST"):
			raise ApiError(21209, name=name, value=params[name])


def require_integer(params: Mapping[str, str], name: str, smallest: int, largest: int, code: int) -> None:
	"""Raise ApiError ``code`` unless the parameter is missing or an integer in this range."""
	value = params.get(name)
	if value is None:
		return
	if not (value.isascii() and value.isdecimal() and smallest <= int(value) <= largest):
		raise ApiError(code, name=name, value=value)


def one_of(params: Mapping[str, str], name: str, allowed: Sequence[str], code: int = 20422) -> None:
	"""Raise ApiError ``code`` unless the parameter is missing or one of the allowed values."""
	if name in params and params[name] not in allowed:
		raise ApiError(code, name=name, value=params[name])


def events(requested: Sequence[str]) -> tuple[str, ...]:
	"""Return the events a StatusCallback is requested for, "completed" if none is named.

	Each event comes in its own parameter. The name of a status (busy, no-answer) is not the name of an event;
	it raises ApiError 21626.
	"""
	for event in requested:
		if event not in CALL_EVENTS:
			raise ApiError(21626, value=event)
	return tuple(requested) or ("completed",)


def instructions(params: Mapping[str, str]) -> None:
	"""Check what to say once the call is answered: a Url or Twiml.

	Applications (ApplicationSid) do not exist here and raise ApiError 21218.
	"""
	if params.get("ApplicationSid"):
		raise ApiError(21218, value=params["ApplicationSid"])
	url(params, "Url")
	if params.get("Url"):
		return
	if not params.get("Twiml"):
		raise ApiError(21205, value="")
	if len(params["Twiml"]) > LONGEST_TWIML:
		raise ApiError(21658, name="Twiml", limit=LONGEST_TWIML)


def described(wrong: Sequence[str]) -> None:
	"""Raise ApiError 20001 for values that the API's description rejects and that have no own code."""
	if wrong:
		raise ApiError(20001, problem="; ".join(wrong))


def detection(params: Mapping[str, str]) -> None:
	one_of(params, "MachineDetection", ("Enable", "DetectMessageEnd"), 21234)
	one_of(params, "AsyncAmd", ("true", "false"), 21234)
	for name, (smallest, largest) in DETECTION_RANGES.items():
		require_integer(params, name, smallest, largest, 21234)


def send_at(params: Mapping[str, str], now: datetime) -> datetime | None:
	"""Return when a scheduled message is due, or None for one to send at once. Raises ApiError 351xx."""
	if not params.get("ScheduleType") and not params.get("SendAt"):
		return None
	one_of(params, "ScheduleType", ("fixed",))
	if not params.get("MessagingServiceSid"):
		raise ApiError(35118)
	if not params.get("SendAt"):
		raise ApiError(35111)
	try:
		due = datetime.fromisoformat(params["SendAt"].replace("Z", "+00:00"))
	except ValueError:
		raise ApiError(20422, name="SendAt", value=params["SendAt"]) from None
	due = due if due.tzinfo else due.replace(tzinfo=UTC)
	if not SOONEST <= due - now <= LATEST:
		raise ApiError(35114)
	return due
