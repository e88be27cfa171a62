"""Rows of Twilio's answers as this app's values. Twilio may leave any field empty but the id."""

import logging
import re
from collections.abc import Callable, Collection
from datetime import datetime
from email.utils import parsedate_to_datetime

from school_dialer.carriers.base import Placed, ReceivedCall, ReceivedText, ResponseUnknown
from school_dialer.lines.answer import NO, NO_DATA, NOT_ASKED, YES, LineAnswer
from school_dialer.lines.answer import NO_ANSWER as UNANSWERED

logger = logging.getLogger("school_dialer.twilio")

REASSIGNED_WORDS = {"yes": YES, "no": NO, "no_data_available": NO_DATA}
LINE_TYPE_WORDS = {
	"mobile": "mobile",
	"landline": "landline",
	"fixedVoip": "fixed VoIP",
	"nonFixedVoip": "other VoIP",
	"personal": "personal",
	"tollFree": "toll free",
	"premium": "premium",
	"sharedCost": "shared cost",
	"uan": "UAN",
	"voicemail": "voicemail",
	"pager": "pager",
	"unknown": "unknown",
}
"""The words of Twilio's Lookup v2, and ours."""
UNREADABLE = "The answer could not be read."
NOT_VALID = "The provider does not know the number as a valid one."

INBOUND, BY_API = "inbound", "outbound-api"
CANCELED, NO_ANSWER = "canceled", "no-answer"
ENDED = ("completed", "busy", "failed", NO_ANSWER, CANCELED)
PRICE = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,8})?", re.ASCII)


def placed_of(row) -> Placed:
	"""Return what was just created.

	Raises `ResponseUnknown` if it has no id: it cannot be tracked, so it is looked up like a request whose
	response was lost.
	"""
	if not written(row.sid):
		raise ResponseUnknown("The carrier's answer has no id.")
	return placed(row)


def placed(row, sid: str = "", shown: str = "") -> Placed:
	"""Convert a Twilio row. Twilio's documentation allows null in every field except the id.

	A resource that exists but has no status counts as queued. A call that was canceled when the phone had
	begun to ring was not answered: `start_time` is "empty if the call has not yet been dialed"
	(https://www.twilio.com/docs/voice/api/call-resource).
	"""
	date = row.date_created
	status = written(row.status) or "queued"
	if status == CANCELED and getattr(row, "start_time", None):
		status = NO_ANSWER
	code = getattr(row, "error_code", None)
	seconds = str(getattr(row, "duration", None) or "")
	return Placed(
		written(row.sid) or sid,
		status,
		written(row.to) or shown,
		date if isinstance(date, datetime) else None,
		str(code) if code else "",
		written(getattr(row, "answered_by", None)),
		int(seconds) if seconds.isascii() and seconds.isdecimal() else None,
		service=written(getattr(row, "messaging_service_sid", None)),
		price=price_of(row),
	)


def placed_by_api(row) -> Placed | None:
	"""Convert a row that a request to the API made.

	Returns None for a received one, a leg that TwiML dialed, and an answer that Twilio sent by itself.
	"""
	return placed(row) if row.direction == BY_API else None


def price_of(row) -> str:
	"""Return what Twilio bills, a negative number in its currency, or "" while it does not know."""
	price = str(getattr(row, "price", None) or "")
	return price if PRICE.fullmatch(price) else ""


def date_of(header: object) -> datetime | None:
	"""Parse an HTTP date. Returns None if it is not a date with a time zone."""
	try:
		parsed = parsedate_to_datetime(written(header))
	except (ValueError, TypeError, IndexError, OverflowError):
		return None
	return parsed if parsed.tzinfo else None


def written(value: object) -> str:
	return value if isinstance(value, str) else ""


def received(row) -> ReceivedText | None:
	"""Convert a row of Twilio's texts. Returns None for one that the school sent."""
	if row.direction != INBOUND:
		return None
	at, media = row.date_created or row.date_sent, str(row.num_media or "")
	if not isinstance(at, datetime):
		raise ValueError("no date")
	return ReceivedText(
		written(row.sid),
		written(row.from_),
		written(row.to),
		written(row.body),
		int(media) if media.isascii() and media.isdecimal() else 0,
		at,
	)


def received_call(row) -> ReceivedCall | None:
	"""Convert a row of Twilio's calls. Returns None for one that the school placed, or that is not over."""
	if row.direction != INBOUND or row.status not in ENDED:
		return None
	at = row.date_created or row.start_time
	if not isinstance(at, datetime):
		raise ValueError("no date")
	return ReceivedCall(written(row.sid), caller_of(row), written(row.to), at)


def caller_of(row) -> str:
	"""Return who called. twilio's client names a text's sender `from_`, and a call's `_from`."""
	return written(getattr(row, "from_", None)) or written(getattr(row, "_from", None))


def rows_of(page, convert: Callable) -> list:
	"""Return the rows of one page, without those for which `convert` returns None."""
	rows = []
	while True:
		try:
			converted = convert(next(page))
		except StopIteration:
			return rows
		except Exception as error:
			logger.warning("a row of the carrier's list could not be read: %s", type(error).__name__)
			continue
		if converted is None:
			continue
		if converted.sid:
			rows.append(converted)
		else:
			logger.warning("a row of the carrier's list has no id")


def line_of(row, packages: Collection[str], request_id: str) -> LineAnswer:
	"""Convert an answer of Lookup v2.

	What is missing, damaged, or carries Twilio's error code is no answer. A code is kept as "Twilio 60600".
	"""
	if row.valid is False:
		asked = UNANSWERED if "reassigned_number" in packages else NOT_ASKED
		return LineAnswer(asked, "", written(request_id), NOT_VALID)
	errors, line_type, reassigned = [], "", NOT_ASKED
	if "line_type_intelligence" in packages:
		word, error = _package(row.line_type_intelligence, "type")
		line_type = LINE_TYPE_WORDS.get(word, "")
		errors.append(error or ("" if line_type else UNREADABLE))
	if "reassigned_number" in packages:
		word, error = _package(row.reassigned_number, "is_number_reassigned")
		reassigned = UNANSWERED if error else REASSIGNED_WORDS.get(word, UNANSWERED)
		errors.append(error or (UNREADABLE if reassigned == UNANSWERED else ""))
	errors_in_words = " ".join(dict.fromkeys(filter(None, errors)))
	return LineAnswer(reassigned, line_type, written(request_id), errors_in_words)


def _package(package: object, key: str) -> tuple[str, str]:
	"""Return one package's word and its error, "" for either."""
	if not isinstance(package, dict):
		return "", UNREADABLE
	code = package.get("error_code")
	return written(package.get(key)), f"Twilio {str(code)[:10]}" if code else ""
