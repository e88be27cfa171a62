"""A policy: the rules of a jurisdiction as checked, immutable data.

A policy is written as a JSON object (see ``policies/*.json`` and docs/compliance.md). ``Policy.from_dict`` checks
every value and names the first wrong one, so that a mistyped hour never becomes a call at night.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

from school_dialer.compliance.model import BASES, CODES, PURPOSES

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERY_DAY = "*"
# No law allows automatic calls outside these hours, and no clock change falls inside them.
EARLIEST, LATEST = 6 * 60, 22 * 60

Day = tuple[int, int] | None
Week = tuple[Day, Day, Day, Day, Day, Day, Day]
CLOSED_WEEK: Week = (None,) * 7

ALWAYS, WITHOUT_ADDRESS = NUMBER_ZONES = ("always", "without address")
PER_NUMBER, PER_PURPOSE = CAP_SUBJECTS = ("number", "purpose")


class PolicyError(ValueError):
	"""The policy data are not usable; the message names the field."""


@dataclass(frozen=True, slots=True)
class Cap:
	"""At most ``maximum`` attempts in any ``hours`` hours, per number or per number and purpose.

	``states`` empty means everywhere; ``landline_without_consent`` limits the cap to lines that may be residential
	landlines while no consent holds.
	"""

	maximum: int
	hours: int
	per: str
	states: frozenset[str]
	landline_without_consent: bool
	citation: str


@dataclass(frozen=True, slots=True)
class LegalHoliday:
	"""A yearly day: a fixed date, or the n-th (-1: last) weekday (0 = Monday) of a month."""

	name: str
	month: int
	day: int | None
	weekday: int | None
	nth: int | None


@dataclass(frozen=True, eq=False)
class Policy:
	"""One jurisdiction's rules. Weeks are seven (opens, closes) pairs in minutes after local midnight, Monday first,
	None for a day without calls; the state of a window is a postal abbreviation, "" the rest of the country.
	"""

	name: str
	version: str
	title: str
	effective_from: date
	strict_default: bool
	countries: frozenset[str]
	bases: Mapping[str, frozenset[str]]
	stale_after_days: int | None
	landline_exempt_purposes: frozenset[str]
	number_zones: str
	weeks: Mapping[str, Week]
	caps: tuple[Cap, ...]
	keep_listed_holidays: bool
	legal_holidays: tuple[LegalHoliday, ...]
	legal_holiday_states: frozenset[str]
	record_purposes: frozenset[str]
	age_of_majority: int
	citations: Mapping[str, str]
	source: Mapping[str, Any] = field(repr=False)

	@classmethod
	def from_dict(cls, data: Mapping[str, Any]) -> Policy:
		"""Check and freeze. Raises PolicyError."""
		return _read(data)

	def to_dict(self) -> dict[str, Any]:
		"""A copy of the data this policy was made from; ``from_dict`` of it is the same policy."""
		return json.loads(json.dumps(self.source))

	@cached_property
	def digest(self) -> str:
		"""SHA-256 of the canonical JSON: two policies with the same digest decide alike."""
		text = json.dumps(self.source, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
		return hashlib.sha256(text.encode()).hexdigest()

	@cached_property
	def _weeks(self) -> dict[tuple[str, ...], Week]:
		return {}

	@cached_property
	def _cited(self) -> dict[tuple[str, tuple[str, ...]], str]:
		return {}

	def week(self, states: tuple[str, ...]) -> Week:
		"""The hours that satisfy the country's rule and that of every one of ``states``."""
		week = self._weeks.get(states)
		if week is None:
			week = self.weeks[""]
			for state in states:
				week = intersect(week, self.weeks.get(state, week))
			self._weeks[states] = week
		return week

	def citation(self, code: str, states: tuple[str, ...] = ()) -> str:
		"""The source of the rule behind a reason code, with that of the states' own hours where they have some."""
		if not states:
			return self.citations[code]
		text = self._cited.get((code, states))
		if text is None:
			own = [self.citations[f"hours:{state}"] for state in states if state in self.weeks]
			text = self._cited[code, states] = "; ".join([self.citations[code], *own])
		return text


def intersect(one: Week, other: Week) -> Week:
	"""The hours that lie in both weeks."""
	days: list[Day] = []
	for first, second in zip(one, other, strict=True):
		opens, closes = (max(first[0], second[0]), min(first[1], second[1])) if first and second else (0, 0)
		days.append((opens, closes) if opens < closes else None)
	return tuple(days)


def _read(data: Mapping[str, Any]) -> Policy:
	if not isinstance(data, Mapping):
		raise PolicyError("a policy is a JSON object")
	consent = _get(data, "consent", dict)
	hours = _get(data, "hours", dict)
	holidays = _get(data, "holidays", dict)
	records = _get(data, "records", dict)
	number_zones = _get(hours, "number_zones", str, "hours")
	if number_zones not in NUMBER_ZONES:
		raise PolicyError(f"hours.number_zones must be one of {', '.join(NUMBER_ZONES)}")
	states = _get(hours, "states", dict, "hours")
	weeks = {"": _week(_get(hours, "days", dict, "hours"), "hours.days")}
	for state, rule in states.items():
		path = f"hours.states.{state}"
		weeks[state] = intersect(weeks[""], _week(_get(rule, "days", dict, path), f"{path}.days"))
	return Policy(
		name=_name(_get(data, "name", str)),
		version=_text(data, "version"),
		title=_text(data, "title"),
		effective_from=_date(_get(data, "effective_from", str), "effective_from"),
		strict_default=_get(data, "strict_default", bool),
		countries=_countries(_get(data, "countries", list)),
		bases=_bases(_get(consent, "bases", dict, "consent")),
		stale_after_days=_number(consent, "stale_after_days", "consent", 1, 36500, optional=True),
		landline_exempt_purposes=_purposes(consent, "landline_exempt_purposes", "consent"),
		number_zones=number_zones,
		weeks=MappingProxyType(weeks),
		caps=tuple(_cap(cap, f"caps[{index}]") for index, cap in enumerate(_get(data, "caps", list))),
		keep_listed_holidays=_get(holidays, "keep_listed", bool, "holidays"),
		legal_holidays=tuple(
			_holiday(day, f"holidays.legal[{index}]")
			for index, day in enumerate(_get(holidays, "legal", list, "holidays"))
		),
		legal_holiday_states=frozenset(_strings(holidays, "legal_in_states", "holidays")),
		record_purposes=_purposes(records, "purposes", "records"),
		age_of_majority=_number(records, "age_of_majority", "records", 1, 30),
		citations=MappingProxyType(_citations(_get(data, "citations", dict), states)),
		source=json.loads(json.dumps(data)),
	)


def _get(data: Mapping[str, Any], key: str, kind: type, path: str = "") -> Any:
	where = f"{path}.{key}" if path else key
	if not isinstance(data, Mapping) or key not in data:
		raise PolicyError(f"{where} is missing")
	value = data[key]
	if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
		raise PolicyError(f"{where} has the wrong type")
	return value


def _text(data: Mapping[str, Any], key: str, path: str = "") -> str:
	value = _get(data, key, str, path).strip()
	if not value:
		raise PolicyError(f"{path}.{key}".strip(".") + " is empty")
	return value


def _name(value: str) -> str:
	if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
		raise PolicyError("name must be lower-case words joined by hyphens")
	return value


def _date(value: str, path: str) -> date:
	try:
		return date.fromisoformat(value)
	except ValueError:
		raise PolicyError(f"{path} is not a date") from None


def _number(
	data: Mapping[str, Any], key: str, path: str, least: int, most: int, optional: bool = False
) -> int | None:
	if optional and data.get(key) is None:
		return None
	value = _get(data, key, int, path)
	if not least <= value <= most:
		raise PolicyError(f"{path}.{key} must be between {least} and {most}")
	return value


def _strings(data: Mapping[str, Any], key: str, path: str) -> list[str]:
	values = _get(data, key, list, path)
	if not all(isinstance(value, str) and value for value in values):
		raise PolicyError(f"{path}.{key} must be a list of texts")
	return values


def _countries(values: list[Any]) -> frozenset[str]:
	if not all(isinstance(value, str) and re.fullmatch("[A-Z]{2}", value) for value in values):
		raise PolicyError("countries must be two-letter codes")
	return frozenset(values)


def _purposes(data: Mapping[str, Any], key: str, path: str) -> frozenset[str]:
	values = _strings(data, key, path)
	for value in values:
		if value not in PURPOSES:
			raise PolicyError(f"{path}.{key} names no purpose: {value}")
	return frozenset(values)


def _bases(data: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
	"""Acceptable bases by purpose; "*" for the purposes not named and for a purpose not told."""
	if "*" not in data:
		raise PolicyError("consent.bases.* is missing")
	result = {}
	for purpose in data:
		if purpose != "*" and purpose not in PURPOSES:
			raise PolicyError(f"consent.bases names no purpose: {purpose}")
		values = _strings(data, purpose, "consent.bases")
		if not values or not set(values) <= set(BASES):
			raise PolicyError(f"consent.bases.{purpose} must name bases")
		result[purpose] = frozenset(values)
	return MappingProxyType({purpose: result.get(purpose, result["*"]) for purpose in PURPOSES})


def _week(data: Mapping[str, Any], path: str) -> Week:
	for day in data:
		if day != EVERY_DAY and day not in DAYS:
			raise PolicyError(f"{path} names no day: {day}")
	if EVERY_DAY not in data:
		missing = [day for day in DAYS if day not in data]
		if missing:
			raise PolicyError(f"{path}.{missing[0]} is missing")
	return tuple(_hours(data[day] if day in data else data[EVERY_DAY], f"{path}.{day}") for day in DAYS)


def _hours(value: Any, path: str) -> Day:
	if value is None:
		return None
	if not (isinstance(value, list) and len(value) == 2 and all(isinstance(time, str) for time in value)):
		raise PolicyError(f"{path} must be null or two times")
	minutes = []
	for time in value:
		if not re.fullmatch("(?:[01][0-9]|2[0-3]):[0-5][0-9]", time):
			raise PolicyError(f"{path} has a time that is not HH:MM")
		minutes.append(int(time[:2]) * 60 + int(time[3:]))
	if not EARLIEST <= minutes[0] < minutes[1] <= LATEST:
		raise PolicyError(f"{path} must lie between 06:00 and 22:00")
	return minutes[0], minutes[1]


def _cap(data: Any, path: str) -> Cap:
	per = _get(data, "per", str, path)
	if per not in CAP_SUBJECTS:
		raise PolicyError(f"{path}.per must be one of {', '.join(CAP_SUBJECTS)}")
	return Cap(
		maximum=_number(data, "maximum", path, 1, 10000),
		hours=_number(data, "hours", path, 1, 24 * 366),
		per=per,
		states=frozenset(_strings(data, "states", path)),
		landline_without_consent=_get(data, "landline_without_consent", bool, path),
		citation=_text(data, "citation", path),
	)


def _holiday(data: Any, path: str) -> LegalHoliday:
	month = _number(data, "month", path, 1, 12)
	if "day" in data:
		return LegalHoliday(_text(data, "name", path), month, _number(data, "day", path, 1, 31), None, None)
	weekday = _get(data, "weekday", str, path)
	nth = _get(data, "nth", int, path)
	if weekday not in DAYS or nth not in (-1, 1, 2, 3, 4):
		raise PolicyError(f"{path} needs a day, or a weekday and its number in the month")
	return LegalHoliday(_text(data, "name", path), month, None, DAYS.index(weekday), nth)


def _citations(data: Mapping[str, Any], states: Mapping[str, Any]) -> dict[str, str]:
	for code, text in data.items():
		if code not in CODES or not isinstance(text, str):
			raise PolicyError(f"citations.{code} is not the citation of a reason")
	missing = CODES - set(data)
	if missing:
		raise PolicyError(f"citations.{min(missing)} is missing")
	result = dict(data)
	for state, rule in states.items():
		result[f"hours:{state}"] = _text(rule, "citation", f"hours.states.{state}")
	return result
