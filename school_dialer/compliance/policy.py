"""A policy: the rules of a jurisdiction as checked, immutable data.

A policy is written as a JSON object (see ``policies/*.json`` and docs/compliance.md). ``Policy.from_dict``
checks every value and names the first wrong one, so that a mistyped hour never becomes a call at night.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any

from school_dialer.compliance import laws, legal_days
from school_dialer.compliance.gazetteer import FIRST_EDITION, editions
from school_dialer.compliance.laws import Law, Review, Terms
from school_dialer.compliance.legal_days import LegalHoliday
from school_dialer.compliance.reading import PolicyError
from school_dialer.compliance.reading import day as _date
from school_dialer.compliance.reading import get as _get
from school_dialer.compliance.reading import number as _number
from school_dialer.compliance.reading import refuse_unknown_keys as _refuse_unknown_keys
from school_dialer.compliance.reading import strings as _strings
from school_dialer.compliance.reading import text as _text
from school_dialer.compliance.vocabulary import BASES, CITED_CODES, HOLIDAY, OWN, PURPOSES
from school_dialer.compliance.week import Week, intersect
from school_dialer.compliance.week import read_week as _week

ALWAYS, WITHOUT_ADDRESS = NUMBER_ZONES = ("always", "without address")
OWN_ZONE, LOCAL_DATE, RECORD = "own zone", "local date", "record"
PER_NUMBER, PER_PURPOSE = CAP_SUBJECTS = ("number", "purpose")

# The fields of each object of a policy. Any other field is refused.
_FIELDS = {
	"": (
		"name version title effective_from strict_default countries places consent hours holidays caps"
		" records laws citations review"
	),
	"consent": "bases stale_after_days landline_exempt_purposes",
	"hours": "number_zones military_addresses days states",
	"holidays": "keep_listed legal legal_in_states",
	"records": "purposes age_of_majority ages_by absence",
}
_STATE_FIELDS = laws.REVIEW_KEYS | {"days", "citation"}
_CAP_FIELDS = laws.REVIEW_KEYS | {
	"maximum",
	"hours",
	"per",
	"states",
	"landline_without_consent",
	"citation",
}


@dataclass(frozen=True, slots=True)
class Cap:
	"""At most ``maximum`` attempts in any ``hours`` hours, per number or per number and purpose.

	Empty ``states`` means everywhere. ``landline_without_consent`` limits the cap to lines that may be
	residential landlines while no consent is in force.
	"""

	maximum: int
	hours: int
	per: str
	states: frozenset[str]
	landline_without_consent: bool
	citation: str
	review: Review | None = None


@dataclass(frozen=True, eq=False)
class Policy:
	"""The rules of one jurisdiction.

	``weeks`` maps a state's postal abbreviation, or "" for the rest of the country, to its hours: seven
	(opens, closes) pairs in minutes after local midnight, Monday first, None for a day without calls.
	``places`` is the edition of the tables of places that the policy was written with. ``reviews`` is keyed
	by reason code. ``military_by_own_zone``: a person behind a military or diplomatic post office is called
	by the time zone on their record, or not at all. ``local_ages``: a birthday begins where the person is,
	and not in UTC. ``absence_is_record``: the emergency of an unexcused absence is about a student's records.
	"""

	name: str
	version: str
	title: str
	effective_from: date
	strict_default: bool
	countries: frozenset[str]
	places: str
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
	military_by_own_zone: bool
	local_ages: bool
	absence_is_record: bool
	citations: Mapping[str, str]
	laws: tuple[Law, ...]
	reviews: Mapping[str, Review]
	source: Mapping[str, Any] = field(repr=False)

	@classmethod
	def from_dict(cls, data: Mapping[str, Any]) -> Policy:
		"""Check and freeze the data. Raises PolicyError, including for a field that no rule reads."""
		policy = _read(data)
		_refuse_unknown(data)
		return policy

	@classmethod
	def from_stored(cls, data: Mapping[str, Any]) -> Policy:
		"""Check and freeze data that was accepted before. Raises PolicyError.

		Fields that no rule reads are harmless here, because the policy has already decided requests with
		them.
		"""
		return _read(data)

	def to_dict(self) -> dict[str, Any]:
		"""Return a copy of the policy's data, which `from_dict` turns into the same policy."""
		return json.loads(json.dumps(self.source))

	def reviewed(self) -> Iterator[tuple[str, Review]]:
		"""Yield (key, review) for each rule that has a review date.

		The key is a reason code, a law's key, or a name made from a cap's states and hours.
		"""
		yield from self.reviews.items()
		yield from ((law.key, law.review) for law in self.laws if law.review)
		for cap in self.caps:
			if cap.review:
				yield f"cap-{'-'.join(sorted(cap.states)) or 'everywhere'}-{cap.hours}h", cap.review

	@cached_property
	def digest(self) -> str:
		"""SHA-256 of the canonical JSON, in hex. Policies with the same digest decide alike."""
		text = json.dumps(self.source, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
		return hashlib.sha256(text.encode()).hexdigest()

	@cached_property
	def lowest_cap(self) -> float:
		"""The fewest attempts that any cap allows; infinity without caps."""
		return min((cap.maximum for cap in self.caps), default=math.inf)

	@cached_property
	def longest_cap(self) -> timedelta:
		"""The longest time of which a cap counts the attempts; zero without caps."""
		return timedelta(hours=max((cap.hours for cap in self.caps), default=0))

	@cached_property
	def stale_after(self) -> timedelta | None:
		"""The age at which a consent is stale."""
		return None if self.stale_after_days is None else timedelta(days=self.stale_after_days)

	@cached_property
	def states_with_legal_days(self) -> frozenset[str]:
		"""The states that forbid calls on some days."""
		return frozenset(
			state for law in self.laws if law.holidays and law.draft_from is None for state in law.states
		)

	@cached_property
	def _terms(self) -> dict[tuple[tuple[str, ...], str | None, str | None, str | None], Terms]:
		return {}

	@cached_property
	def _alike(self) -> dict[tuple[tuple[str, str], ...], Terms]:
		"""Terms by the laws they come from, so that equal terms share one object and its cached data."""
		return {}

	@cached_property
	def _cited(self) -> dict[tuple[str, Terms | None], str]:
		return {}

	@cached_property
	def _laws_of(self) -> dict[str, list[Law]]:
		laws_of: dict[str, list[Law]] = {}
		for law in self.laws:
			for state in law.states:
				laws_of.setdefault(state, []).append(law)
		return laws_of

	def terms(
		self,
		states: tuple[str, ...],
		channel: str | None = None,
		purpose: str | None = None,
		caller: str | None = None,
	) -> Terms:
		"""Return the combined effect of these states' laws on such a call.

		Equal questions get the same object.
		"""
		key = states, channel, purpose, caller
		terms = self._terms.get(key)
		if terms is None:
			binding = [
				(state, law)
				for state in states
				for law in self._laws_of.get(state, ())
				if law.binds(channel, purpose, caller)
			]
			names = tuple((state, law.key) for state, law in binding)
			if names not in self._alike:
				self._alike[names] = laws.terms(self.weeks[""], binding)
			terms = self._terms[key] = self._alike[names]
		return terms

	def week(self, states: tuple[str, ...]) -> Week:
		"""Return the hours that satisfy the country and all ``states``, for a call without an exemption."""
		return self.terms(states).week

	def citation(self, code: str, terms: Terms | None = None) -> str:
		"""Return the source of the rule behind a reason code.

		With ``terms``, the sources of the states' own laws in them are added.
		"""
		key = code, terms
		source = self._cited.get(key)
		if source is None:
			source = self._cited[key] = self._source_of(code, terms)
		return source

	def _source_of(self, code: str, terms: Terms | None) -> str:
		if code in OWN:
			return OWN[code]
		if terms is None:
			return self.citations[code]
		return "; ".join(
			[self.citations[code], *(terms.days_sources if code == HOLIDAY else terms.hours_sources)]
		)


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
	weeks = {"": _week(_get(hours, "days", dict, "hours"), "hours.days")}
	of_states = [_hours_of(state, rule) for state, rule in _get(hours, "states", dict, "hours").items()]
	weeks |= {min(law.states): intersect(weeks[""], law.week) for law in of_states}
	legal = _legal_holidays(holidays)
	keeping = frozenset(_strings(holidays, "legal_in_states", "holidays"))
	return Policy(
		name=_name(_get(data, "name", str)),
		version=_text(data, "version"),
		title=_text(data, "title"),
		effective_from=_date(_get(data, "effective_from", str), "effective_from"),
		strict_default=_get(data, "strict_default", bool),
		countries=_countries(_get(data, "countries", list)),
		places=_places(data),
		bases=_bases(_get(consent, "bases", dict, "consent")),
		stale_after_days=_number(consent, "stale_after_days", "consent", 1, 36500, optional=True),
		landline_exempt_purposes=_purposes(consent, "landline_exempt_purposes", "consent"),
		number_zones=number_zones,
		weeks=MappingProxyType(weeks),
		caps=tuple(_cap(cap, f"caps[{index}]") for index, cap in enumerate(_get(data, "caps", list))),
		keep_listed_holidays=_get(holidays, "keep_listed", bool, "holidays"),
		legal_holidays=legal,
		legal_holiday_states=keeping,
		record_purposes=_purposes(records, "purposes", "records"),
		age_of_majority=_number(records, "age_of_majority", "records", 1, 30),
		military_by_own_zone=_is(hours, "military_addresses", OWN_ZONE, "hours"),
		local_ages=_is(records, "ages_by", LOCAL_DATE, "records"),
		absence_is_record=_is(records, "absence", RECORD, "records"),
		citations=MappingProxyType(_citations(_get(data, "citations", dict))),
		laws=(*of_states, *_days_of(keeping, legal), *_laws(data, legal)),
		reviews=MappingProxyType(_reviews(data)),
		source=json.loads(json.dumps(data)),
	)


def _is(data: Mapping[str, Any], key: str, value: str, path: str) -> bool:
	"""Return whether the field has its one value. Earlier policies do not have the field."""
	if key not in data:
		return False
	if _get(data, key, str, path) != value:
		raise PolicyError(f"{path}.{key} must be {value}, or left out")
	return True


def _name(value: str) -> str:
	if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
		raise PolicyError("name must be lower-case words joined by hyphens")
	return value


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
	"""Return the acceptable bases by purpose. "*" covers the purposes not named, and a missing purpose."""
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
		review=laws.read_review(data, path, optional=True),
	)


def _places(data: Mapping[str, Any]) -> str:
	name = data.get("places", FIRST_EDITION)
	if name not in editions():
		raise PolicyError("places names no edition of the tables of places")
	return name


def _legal_holidays(holidays: Mapping[str, Any]) -> tuple[LegalHoliday, ...]:
	days = _get(holidays, "legal", list, "holidays")
	return tuple(legal_days.read_legal_day(day, f"holidays.legal[{index}]") for index, day in enumerate(days))


def _hours_of(state: str, rule: Any) -> Law:
	path = f"hours.states.{state}"
	week = _week(_get(rule, "days", dict, path), f"{path}.days")
	review = laws.read_review(rule, path, optional=True)
	return Law(
		f"hours-{state}", "Hours", frozenset({state}), _text(rule, "citation", path), week, review=review
	)


def _days_of(states: frozenset[str], legal: tuple[LegalHoliday, ...]) -> list[Law]:
	return [
		Law(f"holidays-{state}", "Legal holidays", frozenset({state}), "", None, legal)
		for state in sorted(states)
	]


def _laws(data: Mapping[str, Any], legal: tuple[LegalHoliday, ...]) -> list[Law]:
	"""Return the policy's laws. Their keys are unique."""
	if "laws" not in data:
		return []
	parsed_laws = [
		laws.read_law(law, f"laws[{index}]", legal) for index, law in enumerate(_get(data, "laws", list))
	]
	keys = [law.key for law in parsed_laws]
	if len(set(keys)) != len(keys):
		raise PolicyError("laws has one id twice")
	return parsed_laws


def _reviews(data: Mapping[str, Any]) -> dict[str, Review]:
	reviews = _get(data, "review", dict) if "review" in data else {}
	for code in reviews:
		if code not in CITED_CODES:
			raise PolicyError(f"review.{code} is not that of a reason")
	return {code: laws.read_review(_get(reviews, code, dict, "review"), f"review.{code}") for code in reviews}


def _citations(data: Mapping[str, Any]) -> dict[str, str]:
	for code, text in data.items():
		if code not in CITED_CODES or not isinstance(text, str):
			raise PolicyError(f"citations.{code} is not the citation of a reason")
	missing = CITED_CODES - set(data)
	if missing:
		raise PolicyError(f"citations.{min(missing)} is missing")
	return dict(data)


def _refuse_unknown(data: Mapping[str, Any]) -> None:
	"""Raise PolicyError for the first field that no rule reads.

	The data have already been read, so their shape is right.
	"""
	for path, fields in _FIELDS.items():
		_refuse_unknown_keys(data[path] if path else data, fields.split(), path)
	for state, rule in data["hours"]["states"].items():
		_refuse_unknown_keys(rule, _STATE_FIELDS, f"hours.states.{state}")
	for index, cap in enumerate(data["caps"]):
		_refuse_unknown_keys(cap, _CAP_FIELDS, f"caps[{index}]")
	for index, day in enumerate(data["holidays"]["legal"]):
		_refuse_unknown_keys(day, legal_days.KEYS, f"holidays.legal[{index}]")
	for index, law in enumerate(data.get("laws", ())):
		_refuse_unknown_keys(law, laws.KEYS, f"laws[{index}]")
		for number, day in enumerate(law.get("holidays", ())):
			_refuse_unknown_keys(day, legal_days.KEYS, f"laws[{index}].holidays[{number}]")
		for number, exemption in enumerate(law.get("exempt", ())):
			_refuse_unknown_keys(exemption, laws.EXEMPTION_KEYS, f"laws[{index}].exempt[{number}]")
	for code, review in data.get("review", {}).items():
		_refuse_unknown_keys(review, laws.REVIEW_KEYS, f"review.{code}")
