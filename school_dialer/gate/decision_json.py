"""Decision records as JSON text, fast for many decisions.

The text is exactly that of `json.dumps(record_of(decision), sort_keys=True)` without spaces. Thousands of
people share their policy, place, line type, and reasons, so those pieces are encoded once and cached.
"""

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from school_dialer.base.phone import PhoneNumber
from school_dialer.compliance import Decision, Facts, Reason, Request
from school_dialer.compliance.codec import FORMAT, LATER, format_time, without_silent

KEPT = 4096


def to_json(decision: Decision) -> str:
	return (
		f'{{"at":{as_key(decision.at)},"digest":{as_key(decision.rules.digest)},'
		f'"facts":{of_facts(decision.facts)},'
		f'"format":{FORMAT},"policy":{as_key(decision.policy)},'
		f'"reasons":{of_all(decision.reasons, of_reason)},'
		f'"request":{of_request(decision.request)},"until":{as_key(decision.until)},'
		f'"verdict":{as_key(decision.verdict)},"version":{as_key(decision.version)}}}'
	)


@lru_cache(KEPT)
def as_key(value: Any) -> str:
	"""Return a hashable part of a decision as JSON, cached."""
	return encode(value)


def of_all(values: Iterable[Any], write: Callable[[Any], str] = as_key) -> str:
	return "[" + ",".join([write(value) for value in values]) + "]" if values else "[]"


def of_facts(facts: Facts) -> str:
	declared = (
		f',"states_of_emergency":{of_all(facts.states_of_emergency)}' if facts.states_of_emergency else ""
	)
	return (
		f'{{"carrier_blocked":{"true" if facts.carrier_blocked else "false"},'
		f'"consents":{of_all(facts.consents)},'
		f"{HEARD if facts.heard else ''}"
		f'"history":{of_all(facts.history)},"holidays":{as_key(facts.holidays)},'
		f'"opt_outs":{of_all(facts.opt_outs)}{declared}}}'
	)


HEARD = '"heard":true,'


def of_request(request: Request) -> str:
	pieces = []
	for name in REQUEST_FIELDS:
		value = getattr(request, name)
		if name in LATER and value is LATER[name]:
			continue
		pieces.append(f'"{name}":{of_phone(value) if name == "phone" else as_key(value)}')
	return "{" + ",".join(pieces) + "}"


REQUEST_FIELDS = sorted(Request.__slots__)


def of_phone(phone: PhoneNumber | str) -> str:
	if not isinstance(phone, PhoneNumber):
		return encode(str(phone))
	before, after = around_number(phone.country, phone.line_type, phone.time_zones)
	return before + phone.e164 + after


@lru_cache(KEPT)
def around_number(country: str, line_type: str, time_zones: tuple[str, ...]) -> tuple[str, str]:
	text = encode({"country": country, "e164": "", "line_type": line_type, "time_zones": time_zones})
	before, quotes, after = text.partition('"e164":""')
	return before + quotes[:-1], '"' + after


def of_reason(reason: Reason) -> str:
	return of_reason_until(reason, reason.until)


@lru_cache(KEPT)
def of_reason_until(reason: Reason, until: datetime | None) -> str:
	"""Return a reason as JSON. `until` is a separate argument because reasons compare equal without it."""
	return encode(reason)


def encodable(value: Any) -> Any:
	"""Convert what the encoder does not know: times, dates, and the model's values by their fields."""
	if isinstance(value, datetime):
		return format_time(value)
	if isinstance(value, date):
		return value.isoformat()
	if isinstance(value, frozenset):
		return sorted(value)
	return without_silent({name: getattr(value, name) for name in value.__slots__})


encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=encodable).encode
