"""Decisions as JSON: read requests and facts, record a decision, replay it.

Reading checks the type of every field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, TypeVar

from school_dialer.base.phone import LINE_TYPES, PhoneNumber
from school_dialer.compliance import policies
from school_dialer.compliance.engine import decide, read_number
from school_dialer.compliance.model import (
	UNKNOWN_PERSON,
	Attempt,
	Consent,
	Decision,
	Emergency,
	Facts,
	OptOut,
	Person,
	Request,
	StateOfEmergency,
	UnusableNumber,
)
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.reading import PolicyError
from school_dialer.compliance.vocabulary import (
	ALL_PURPOSES,
	ANY_CHANNEL,
	BASES,
	CALLERS,
	CHANNELS,
	PURPOSES,
	SCOPES,
)

FORMAT = 1
LONGEST_TEXT = 1000
DAY_MINUTES = 24 * 60
MOST_DAYS = 100_000

T = TypeVar("T")

_LINE_TYPES = frozenset(LINE_TYPES)
_PURPOSES = frozenset(PURPOSES)
_PURPOSES_OR_ALL = _PURPOSES | {ALL_PURPOSES}
_CHANNELS = frozenset(CHANNELS)
_CHANNELS_OR_ANY = _CHANNELS | {ANY_CHANNEL}
_BASES = frozenset(BASES)
_SCOPES = frozenset(SCOPES)
_CALLERS = frozenset(CALLERS)

LATER = {
	"caller": None,
	"postsecondary": False,
	"records_closed": False,
	"about_records": None,
	"manual": False,
	"other_school": False,
	"hours": None,
	"school": None,
	"corrects": False,
	"heard": False,
	"reassigned": False,
	"no_texts": False,
	"unconfirmed_days": 0,
	"elsewhere": False,
}
"""Fields that older records do not have, with their default values.

A field is written only when it differs from its default, so that older records replay byte for byte.
"""
COMPUTED = "values"
"""A field of reasons that is not recorded, because a replay computes it again."""

_iso = re.compile(
	"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?"
	"(?:[.,]([0-9]{1,9}))?(Z|z|[+-][0-9]{2}:?[0-9]{2})?"
).fullmatch
_iso_date = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch


class Malformed(ValueError):
	"""The JSON is not valid input. The message names the field and repeats no value."""


_KNOWN = frozenset(
	"id at phone line_type channel purpose caller about_records manual hours school corrects heard"
	" reassigned no_texts"
	" person consents opt_outs history emergency holidays states_of_emergency carrier_blocked policy".split()
)
_KNOWN_IN = tuple(
	(name, frozenset(kind.__slots__).issuperset)
	for name, kind in (
		("person", Person),
		("emergency", Emergency),
		("consents", Consent),
		("opt_outs", OptOut),
		("history", Attempt),
		("states_of_emergency", StateOfEmergency),
	)
)


_RARE_OF_PERSON = frozenset(Person.__slots__[5:])
_RARE_OF_REQUEST = frozenset("caller about_records manual hours school corrects".split())
_RARE_OF_FACTS = frozenset("holidays carrier_blocked states_of_emergency heard reassigned no_texts".split())
"""Fields that few lines have. Those without any of them are read without asking for each."""


class ReplayError(ValueError):
	"""The record cannot be recomputed: it is damaged, or it was made under a different policy."""


@lru_cache(maxsize=1 << 15)
def parse_time(text: str) -> datetime:
	"""Parse ISO 8601 text into an aware UTC datetime, the same way on every Python version.

	Text without an offset is UTC. Raises ValueError.
	"""
	if len(text) == 20 and text[4] == text[7] == "-" and text[10] == "T" and text[13] == text[16] == ":":
		if text[19] == "Z" and text.isascii():
			return datetime.fromisoformat(text[:19] + "+00:00")
	match = _iso(text)
	if match is None:
		raise ValueError("not an ISO 8601 time")
	day, minute, second, fraction, offset = match.groups()
	offset = "+00:00" if offset in (None, "Z", "z") else offset
	offset = offset if ":" in offset else f"{offset[:3]}:{offset[3:]}"
	parsed = datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{offset}")
	try:
		parsed = parsed.astimezone(timezone.utc)
	except OverflowError:
		raise ValueError("out of range") from None
	return parsed + timedelta(microseconds=int((fraction or "0").ljust(6, "0")[:6]))


def format_time(time: datetime | None) -> str | None:
	"""Format an aware datetime as ISO 8601 in UTC with a final Z. None stays None."""
	if time is None:
		return None
	if time.tzinfo is not timezone.utc:
		time = time.astimezone(timezone.utc)
	return time.isoformat()[: -len("+00:00")] + "Z"


def read_request(data: Mapping[str, Any]) -> Request:
	"""Read the request from one JSON object. Raises Malformed.

	A missing field gets its default. The number becomes a PhoneNumber or an UnusableNumber.
	"""
	person = data.get("person")
	emergency = data.get("emergency")
	usual = (
		read_number(_text(data, "phone")),
		_choice(data, "channel", _CHANNELS),
		_choice(data, "purpose", _PURPOSES),
		UNKNOWN_PERSON if person is None else _person(_object(person, "person")),
		_choice(data, "line_type", _LINE_TYPES) or "unknown",
		None if emergency is None else _emergency(_object(emergency, "emergency")),
	)
	if _RARE_OF_REQUEST.isdisjoint(data):
		return Request(*usual)
	return Request(
		*usual,
		caller=_choice(data, "caller", _CALLERS),
		about_records=None if data.get("about_records") is None else _flag(data, "about_records"),
		manual=_flag(data, "manual"),
		hours=_hours(data),
		school="" if data.get("school") == "" else _text(data, "school"),
		corrects=_flag(data, "corrects"),
	)


def read_facts(data: Mapping[str, Any], at: datetime) -> Facts:
	"""Read the facts from one JSON object. Raises Malformed.

	An attempt without a time counts as made ``at`` (aware UTC).
	"""
	usual = (
		_list(data, "consents", _consent),
		_list(data, "opt_outs", _opt_out),
		_list(data, "history", _attempt, at),
	)
	if _RARE_OF_FACTS.isdisjoint(data):
		return Facts(*usual)
	return Facts(
		*usual,
		_dates(data),
		_flag(data, "carrier_blocked"),
		_list(data, "states_of_emergency", _state_of_emergency),
		_flag(data, "heard"),
		_flag(data, "reassigned"),
		_flag(data, "no_texts"),
	)


def refuse_unknown(data: Mapping[str, Any]) -> None:
	"""Raise Malformed for a field that no code reads.

	A misspelled "opt_out" would otherwise be an opt-out that is ignored.
	"""
	if not _KNOWN.issuperset(data):
		raise Malformed("a field is not known")
	for key, is_known in _KNOWN_IN:
		value = data.get(key)
		if not value:
			continue
		if value.__class__ is dict:
			value = (value,)
		elif value.__class__ is not list:
			continue
		for item in value:
			if item.__class__ is dict and not is_known(item):
				raise Malformed(f"{key} has a field that is not known")


def read_time(data: Mapping[str, Any], key: str) -> datetime | None:
	"""Return the time under ``key`` as aware UTC, or None when it is missing. Raises Malformed."""
	value = data.get(key)
	if value is None:
		return None
	if value.__class__ is str:
		try:
			return parse_time(value)
		except ValueError:
			pass
	raise Malformed(f"{key} is not an ISO 8601 time")


def record_of(decision: Decision) -> dict[str, Any]:
	"""Return everything needed to recompute the decision years later, as JSON-serializable values.

	`replay` takes it.
	"""
	return {
		"format": FORMAT,
		"verdict": decision.verdict,
		"until": format_time(decision.until),
		"reasons": [_fields(reason) for reason in decision.reasons],
		"policy": decision.policy,
		"version": decision.version,
		"digest": decision.rules.digest,
		"at": format_time(decision.at),
		"request": _request_record(decision.request),
		"facts": _facts_record(decision.facts),
	}


def replay(record: Mapping[str, Any], policy: Policy | None = None) -> Decision:
	"""Decide again from a record, under ``policy`` or the packaged policy of the recorded name and version.

	The record holds what the number was parsed as, so newer numbering data change nothing. The result's
	`record_of` equals the given record. Raises ReplayError when the record is damaged or the policy has
	changed since.
	"""
	try:
		if record["format"] != FORMAT:
			raise ReplayError("the record has a format this version does not know")
		policy = policy or _policy_of_then(record["policy"], record["version"])
		if policy is None or policy.digest != record["digest"]:
			raise ReplayError("the policy is not the one the decision was made under")
		at = read_time(record, "at")
		request = _recorded_request(record["request"])
		return decide(request, read_facts(record["facts"], at), policy, at)
	except (KeyError, TypeError, AttributeError, Malformed, PolicyError) as error:
		raise ReplayError(f"the record cannot be read: {type(error).__name__}") from error


def _policy_of_then(name: str, version: str) -> Policy | None:
	"""Return the packaged policy of that name and version.

	Returns None when the package has the name but not the version. Raises PolicyError for an unknown name.
	"""
	try:
		return policies.load(name, version)
	except PolicyError:
		policies.load(name)
		return None


def _recorded_request(data: Mapping[str, Any]) -> Request:
	number = data["phone"]
	if isinstance(number, Mapping):
		zones = tuple(number["time_zones"])
		phone = PhoneNumber(number["e164"], number["country"], number["line_type"], zones)
	else:
		phone = UnusableNumber(number)
	blank = read_request({**data, "phone": None})
	return replace(blank, phone=phone, answers=read_time(data, "answers"))


def _text(data: Mapping[str, Any], key: str) -> str | None:
	value = data.get(key)
	if value.__class__ is str and len(value) <= LONGEST_TEXT:
		return value or None
	if value is None:
		return None
	raise Malformed(f"{key} is not a text")


def _choice(data: Mapping[str, Any], key: str, allowed: frozenset[str]) -> str | None:
	value = data.get(key)
	if value.__class__ is str and value in allowed:
		return value
	if value is None or value == "":
		return None
	raise Malformed(f"{key} is none of the known values")


def _flag(data: Mapping[str, Any], key: str) -> bool:
	value = data.get(key)
	if value is None or value is False:
		return False
	if value is not True:
		raise Malformed(f"{key} is not true or false")
	return True


def _date(data: Mapping[str, Any], key: str) -> date | None:
	value = data.get(key)
	return None if value is None else _read_date(value, key)


def _read_date(value: Any, key: str) -> date:
	if value.__class__ is str and _iso_date(value):
		try:
			return date.fromisoformat(value)
		except ValueError:
			pass
	raise Malformed(f"{key} is not an ISO 8601 date")


def _hours(data: Mapping[str, Any]) -> tuple[int, int] | None:
	value = data.get("hours")
	if value is None:
		return None
	if not (value.__class__ is list and len(value) == 2 and all(part.__class__ is int for part in value)):
		raise Malformed("hours is not two numbers of minutes")
	if not 0 <= value[0] < value[1] <= DAY_MINUTES:
		raise Malformed("hours does not lie within a day")
	return value[0], value[1]


def _days(data: Mapping[str, Any], key: str) -> int:
	value = data.get(key)
	if value is None:
		return 0
	if value.__class__ is not int or not 0 <= value <= MOST_DAYS:
		raise Malformed(f"{key} is not a number of days")
	return value


def _object(value: Any, key: str) -> Mapping[str, Any]:
	if value.__class__ is not dict:
		raise Malformed(f"{key} is not an object")
	return value


def _list(data: Mapping[str, Any], key: str, read: Callable[..., T], *more: Any) -> tuple[T, ...]:
	values = data.get(key)
	if not values and (values is None or values.__class__ is list):
		return ()
	if values.__class__ is not list:
		raise Malformed(f"{key} is not a list")
	return tuple([read(value, *more) if value.__class__ is dict else _object(value, key) for value in values])


def _dates(data: Mapping[str, Any]) -> frozenset[date]:
	values = data.get("holidays")
	if values is None:
		return frozenset()
	if values.__class__ is not list:
		raise Malformed("holidays is not a list")
	return frozenset([_read_date(value, "holidays") for value in values])


def _person(data: Mapping[str, Any]) -> Person:
	usual = (
		_text(data, "country"),
		_text(data, "state"),
		_text(data, "postal_code"),
		_text(data, "time_zone"),
		_flag(data, "restricted"),
	)
	if _RARE_OF_PERSON.isdisjoint(data):
		return _usual_person(*usual)
	return Person(
		*usual,
		_flag(data, "is_student"),
		_date(data, "date_of_birth"),
		_date(data, "student_date_of_birth"),
		_flag(data, "student_objects"),
		_flag(data, "postsecondary"),
		_flag(data, "records_closed"),
		_flag(data, "other_school"),
	)


@lru_cache(maxsize=1 << 12)
def _usual_person(*values: str | bool | None) -> Person:
	"""Return the person with these first fields. The families of a school live in few places."""
	return Person(*values)


def _consent(data: Mapping[str, Any]) -> Consent:
	return Consent(
		_choice(data, "channel", _CHANNELS_OR_ANY),
		_choice(data, "purpose", _PURPOSES_OR_ALL),
		_choice(data, "basis", _BASES),
		read_time(data, "granted_at"),
		read_time(data, "expires_at"),
		read_time(data, "last_verified_at"),
		_days(data, "unconfirmed_days") if "unconfirmed_days" in data else 0,
	)


def _opt_out(data: Mapping[str, Any]) -> OptOut:
	purpose = _choice(data, "purpose", _PURPOSES_OR_ALL)
	return OptOut(
		_choice(data, "scope", _SCOPES),
		None if purpose == ALL_PURPOSES else purpose,
		_choice(data, "channel", _CHANNELS_OR_ANY),
		read_time(data, "at"),
		_text(data, "school"),
		_flag(data, "elsewhere"),
	)


def _attempt(data: Mapping[str, Any], at: datetime) -> Attempt:
	return Attempt(
		read_time(data, "at") or at,
		_choice(data, "channel", _CHANNELS),
		_choice(data, "purpose", _PURPOSES),
		"corrects" in data and _flag(data, "corrects"),
	)


def _state_of_emergency(data: Mapping[str, Any]) -> StateOfEmergency:
	state, begins, ends = _text(data, "state"), _date(data, "begins"), _date(data, "ends")
	if not state or begins is None or ends is None or ends < begins:
		raise Malformed("states_of_emergency needs a state, the day it begins and the day it ends")
	return StateOfEmergency(state, begins, ends)


def _emergency(data: Mapping[str, Any]) -> Emergency:
	return Emergency(_text(data, "type"), _text(data, "requested_by"), _text(data, "approved_by"))


def _fields(value: Any) -> dict[str, Any]:
	"""Return a model value's fields as a dict, with times and dates as text."""
	return without_silent({name: _plain(getattr(value, name)) for name in value.__slots__})


def without_silent(fields: dict[str, Any]) -> dict[str, Any]:
	"""Remove `COMPUTED`, and the fields of `LATER` that have their default value.

	Changes and returns ``fields``.
	"""
	fields.pop(COMPUTED, None)
	for name, silent in LATER.items():
		if name in fields and fields[name] is silent:
			del fields[name]
	return fields


def _plain(value: Any) -> Any:
	if isinstance(value, datetime):
		return format_time(value)
	return value.isoformat() if isinstance(value, date) else value


def _request_record(request: Request) -> dict[str, Any]:
	phone = request.phone
	is_parsed = isinstance(phone, PhoneNumber)
	fields = {
		"phone": {**_fields(phone), "time_zones": list(phone.time_zones)} if is_parsed else str(phone),
		"channel": request.channel,
		"purpose": request.purpose,
		"person": _fields(request.person),
		"line_type": request.line_type,
		"emergency": None if request.emergency is None else _fields(request.emergency),
		"answers": format_time(request.answers),
		"caller": request.caller,
		"about_records": request.about_records,
		"manual": request.manual,
		"hours": None if request.hours is None else list(request.hours),
		"school": request.school,
		"corrects": request.corrects,
	}
	return without_silent(fields)


def _facts_record(facts: Facts) -> dict[str, Any]:
	declared = [_fields(state) for state in facts.states_of_emergency]
	return {
		**({"states_of_emergency": declared} if declared else {}),
		"consents": [_fields(consent) for consent in facts.consents],
		"opt_outs": [_fields(opt_out) for opt_out in facts.opt_outs],
		"history": [_fields(attempt) for attempt in facts.history],
		"holidays": [day.isoformat() for day in sorted(facts.holidays)],
		"carrier_blocked": facts.carrier_blocked,
		**({"heard": True} if facts.heard else {}),
		**({"reassigned": True} if facts.reassigned else {}),
		**({"no_texts": True} if facts.no_texts else {}),
	}
