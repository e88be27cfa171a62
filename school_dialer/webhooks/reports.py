"""A status callback's form as `News`. Parameters are Twilio's (https://www.twilio.com/docs/voice/api/call-resource#statuscallback)."""

from collections.abc import Mapping

from school_dialer.dialing.progress import News

LONGEST_NUMBER = 6
UNSUBSCRIBED = "21610"
"""The error that tells of an opt-out which the carrier holds."""


def parameter(form: Mapping[str, str], name: str, most: int = 140) -> str:
	return (form.get(name) or "")[:most]


def seconds(text: str) -> int | None:
	"""None for what is no number, or longer than a call can be."""
	return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def of_call(form: Mapping[str, str]) -> News:
	return News(
		parameter(form, "CallStatus"),
		sid=parameter(form, "CallSid"),
		answered_by=parameter(form, "AnsweredBy"),
		duration=seconds(parameter(form, "CallDuration")),
		error_code=parameter(form, "ErrorCode"),
		attestation=parameter(form, "StirStatus", 4),
	)


def of_text(form: Mapping[str, str]) -> News:
	return News(
		parameter(form, "MessageStatus"),
		sid=parameter(form, "MessageSid"),
		error_code=parameter(form, "ErrorCode"),
	)
