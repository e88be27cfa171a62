"""How a carrier speaks: Twilio, or SignalWire's Compatibility API, which is Twilio's with differences.

The differences are those of https://developer.signalwire.com/rest/compatibility-api, as its description of
2026 has them: addresses below /api/laml, ids that are UUIDs, other fields and parameters, errors in two
forms, and webhooks signed with a key of their own. Where it allows several ways, this carrier takes
them in turn.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

ERRORS = "https://developer.signalwire.com/rest/compatibility-api/overview/error-codes"
CODES = {
	20001: (422, 10000),
	20005: (401, 20003),
	20007: (422, 10000),
	20009: (422, 10000),
	20422: (422, 10000),
	21211: (400, 21217),
	21214: (400, 21217),
	21220: (422, 10000),
	21606: (400, 21601),
	21614: (400, 21217),
	30004: (400, 30004),
	30409: (422, 10000),
}
"""Twilio's code -> SignalWire's HTTP status and code for the same, where it is another."""
UNSAID = (
	"Caller",
	"Called",
	"SmsSid",
	"SmsMessageSid",
	"SmsStatus",
	"msg",
	"FinishedOnKey",
	"MachineDetectionDuration",
	"RecordingStartTime",
	"StirStatus",
	"DialBridged",
	"OptOutType",
)
"""Parameters of Twilio's webhooks that SignalWire does not describe. Nor does it describe places."""
PLACES = ("City", "State", "Zip", "Country")


def signature(key: str, url: str, params: Mapping[str, str]) -> str:
	"""Return the signature of a form-encoded POST: HMAC-SHA1 over the URL and the sorted parameters."""
	signed = url + "".join(name + params[name] for name in sorted(params))
	return base64.b64encode(hmac.new(key.encode(), signed.encode(), hashlib.sha1).digest()).decode()


@dataclass(frozen=True)
class Dialect:
	"""One carrier's way of speaking. ``root`` begins every address, ``sid`` is the pattern of ids."""

	name: str
	root: str
	account: str
	sid: Callable[[str], str]
	description: str
	headers: tuple[str, ...]
	new_sid: Callable[[str, str], str]
	said: Callable[[Mapping[str, str]], dict[str, str]]
	body: Callable[[str, Any], Any]
	query: Callable[[Mapping[str, str]], dict[str, str]]

	def signed(self, key: str, url: str, form: Mapping[str, str]) -> dict[str, str]:
		"""Return the header that signs a request."""
		return {self.headers[len(url) % len(self.headers)]: signature(key, url, form)}


def _uuid(_prefix: str, digest: str) -> str:
	return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))


def _said_by_signalwire(params: Mapping[str, str]) -> dict[str, str]:
	kept = {
		name: value
		for name, value in params.items()
		if name not in UNSAID and not (name.endswith(PLACES) and name.startswith(("From", "To", "Cal")))
	}
	if "CallbackSource" in params or "SequenceNumber" in params:
		kept.setdefault("CallbackSource", "call-progress-events")
		kept["Timestamp"] = format_datetime(datetime.now(timezone.utc))
		kept["AudioInMos"] = "4.50"
	if "MessageStatus" in params:
		kept.pop("ApiVersion", None)
		kept |= {"Body": "", "NumMedia": "0", "NumSegments": "1"}
	return kept


def _date(value: str) -> str:
	"""Return a date of a query, which SignalWire has in RFC 2822, as Twilio has it."""
	try:
		return parsedate_to_datetime(value).date().isoformat()
	except (ValueError, TypeError, IndexError):
		return "no date"


def _asked_of_signalwire(query: Mapping[str, str]) -> dict[str, str]:
	return {
		name: _date(value) if name.startswith(("DateSent", "StartTime", "EndTime")) and value else value
		for name, value in query.items()
	}


def _number(value: object) -> float | None:
	return None if value is None else abs(float(str(value)))


def _call(row: dict) -> dict:
	gone = ("group_sid", "queue_time", "trunk_sid", "to_formatted", "from_formatted", "caller_name")
	shown = {name: value for name, value in row.items() if name not in gone}
	parts = ("notifications", "recordings")
	return shown | {
		"annotation": None,
		"formatted_to": row["to_formatted"],
		"formatted_from": row["from_formatted"],
		"direction": "inbound" if row["direction"] == "inbound" else "outbound",
		"duration": None if row["duration"] is None else int(row["duration"]),
		"price": _number(row["price"]),
		"answered_by": (row["answered_by"] or "").partition("_")[0] or None,
		"subresource_uris": {name: rooted(row["subresource_uris"][name]) for name in parts},
		"uri": rooted(row["uri"]),
	}


def _message(row: dict) -> dict:
	return row | {
		"num_segments": int(row["num_segments"]),
		"price": _number(row["price"]),
		"error_code": None if row["error_code"] is None else str(row["error_code"]),
		"subresource_uris": {"media": rooted(row["subresource_uris"]["media"])},
		"uri": rooted(row["uri"]),
	}


def _recording(row: dict) -> dict:
	gone = ("start_time", "encryption_details", "media_url")
	shown = {name: value for name, value in row.items() if name not in gone}
	parts = {"transcriptions": rooted(row["subresource_uris"]["transcriptions"])}
	return shown | {"end_time": row["date_updated"], "subresource_uris": parts, "uri": rooted(row["uri"])}


def _account(row: dict) -> dict:
	parts = {name: rooted(uri) for name, uri in row["subresource_uris"].items()}
	return row | {"subproject": False, "subresource_uris": parts, "uri": rooted(row["uri"])}


def rooted(path: str) -> str:
	return path if path.startswith("/api/laml") else f"/api/laml{path}"


LISTS = {"calls": _call, "messages": _message, "recordings": _recording}
ROWS = {"call": _call, "message": _message, "recording": _recording, "account": _account}


def _body_of_signalwire(operation: str, body: Any) -> Any:
	if body is None:
		return None
	for name, convert in LISTS.items():
		if name in body:
			pages = ("uri", "first_page_uri", "next_page_uri", "previous_page_uri", "page", "page_size")
			return {name: [convert(one) for one in body[name]], **{key: body[key] for key in pages}}
	kind = operation.rpartition("_")[2]
	return ROWS[kind](body) if kind in ROWS else body


TWILIO = Dialect(
	"twilio",
	"",
	"AC[0-9a-fA-F]{32}",
	lambda prefixes: f"(?:{prefixes})[0-9a-fA-F]{{32}}",
	"description",
	("X-Twilio-Signature",),
	lambda prefix, digest: prefix + digest,
	dict,
	lambda operation, body: body,
	dict,
)
SIGNALWIRE = Dialect(
	"signalwire",
	"/api/laml",
	"[0-9a-f-]{36}",
	lambda prefixes: "[0-9a-f-]{36}",
	"signalwire",
	("X-SignalWire-Signature", "X-Twilio-Signature"),
	_uuid,
	_said_by_signalwire,
	_body_of_signalwire,
	_asked_of_signalwire,
)
DIALECTS = {one.name: one for one in (TWILIO, SIGNALWIRE)}


def refusal(dialect: Dialect, code: int, status: int, body: dict, turn: int) -> tuple[int, dict]:
	"""Return the HTTP status and the body with which a carrier refuses. ``turn`` chooses its form."""
	if dialect is not SIGNALWIRE:
		return status, body
	status, code = CODES.get(code, (status, code))
	said = {"code": code, "message": body["message"], "more_info": ERRORS}
	if status < 500 and turn % 2:
		return status, {"errors": [said | {"code": str(code)}]}
	return status, said | {"status": status}
