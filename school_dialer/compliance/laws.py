"""The states' own laws in a policy: which calls they bind, who is exempt, and the terms for one kind of call.

A law narrows the country's hours, adds days without calls, or stops calls during a declared state of
emergency. An exemption is by purpose, by caller and by channel. A value that is missing is never exempt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from school_dialer.compliance import legal_days, reading, week
from school_dialer.compliance.legal_days import LegalHoliday
from school_dialer.compliance.reading import PolicyError
from school_dialer.compliance.vocabulary import CALLERS, CHANNELS, PURPOSES
from school_dialer.compliance.week import Week, intersect

CONFIDENCES = ("H", "M", "L")
REVIEW_KEYS = frozenset({"confidence", "checked_on", "review_by", "rests_on"})
STATUTE, RULE, ORDER, CHOICE = RESTS_ON = ("statute", "rule", "order", "choice")
"""What a rule rests on: an act of a legislature, a regulation, an order of an agency alone, or our choice.

Courts are not bound by an agency's reading (McLaughlin v. McKesson, 2025), so that an order alone may fall.
"""
EXEMPTION_KEYS = frozenset({"purposes", "callers", "channels"})
KEYS = REVIEW_KEYS | {
	"id",
	"title",
	"states",
	"days",
	"legal_holidays",
	"holidays",
	"state_of_emergency",
	"exempt",
	"draft_from",
	"citation",
	"note",
}


@dataclass(frozen=True, slots=True)
class Review:
	"""The review of a rule: confidence in its reading (H, M or L), date checked, and next review date.

	``rests_on`` is one of RESTS_ON, or "" in earlier policies.
	"""

	confidence: str
	checked_on: date
	review_by: date
	rests_on: str = ""


@dataclass(frozen=True, slots=True)
class Exemption:
	"""An exemption from a law. It applies to calls that match every set given here; None matches any call."""

	purposes: frozenset[str] | None
	callers: frozenset[str] | None
	channels: frozenset[str] | None

	def covers(self, channel: str | None, purpose: str | None, caller: str | None) -> bool:
		return (
			(self.purposes is None or purpose in self.purposes)
			and (self.callers is None or caller in self.callers)
			and (self.channels is None or channel in self.channels)
		)


@dataclass(frozen=True, slots=True)
class Law:
	"""One law.

	``week`` limits the hours; None leaves them alone. ``holidays`` are days without calls.
	``state_of_emergency`` means no calls either while one is declared in one of ``states``. ``citation`` is
	"" where it is part of another law's citation. ``draft_from``, the day on which it may come into force,
	marks a draft, which binds no one.
	"""

	key: str
	title: str
	states: frozenset[str]
	citation: str
	week: Week | None = None
	holidays: tuple[LegalHoliday, ...] = ()
	state_of_emergency: bool = False
	exemptions: tuple[Exemption, ...] = ()
	review: Review | None = None
	draft_from: date | None = None

	def binds(self, channel: str | None, purpose: str | None, caller: str | None) -> bool:
		return self.draft_from is None and not any(
			exemption.covers(channel, purpose, caller) for exemption in self.exemptions
		)


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
	"""The combined effect of some states' laws on one kind of call.

	Holds the hours that satisfy all of them, the days without calls, the states where a declared emergency
	stops calls, and the sources of the hours and of the days.
	"""

	week: Week
	holidays: tuple[LegalHoliday, ...]
	emergency_states: frozenset[str]
	hours_sources: tuple[str, ...]
	days_sources: tuple[str, ...]


def terms(of_country: Week, binding: Iterable[tuple[str, Law]]) -> Terms:
	"""Combine the country's week with the (state, law) pairs that bind.

	Sources are listed in the order of ``binding``.
	"""
	hours, holidays, emergencies = of_country, {}, set()
	hours_sources: dict[str, None] = {}
	days_sources: dict[str, None] = {}
	for state, law in binding:
		if law.week is not None:
			hours = intersect(hours, law.week)
			hours_sources[law.citation] = None
		holidays |= dict.fromkeys(law.holidays)
		if law.state_of_emergency:
			emergencies.add(state)
		days_sources[law.citation] = None
	return Terms(
		hours,
		tuple(holidays),
		frozenset(emergencies),
		tuple(filter(None, hours_sources)),
		tuple(filter(None, days_sources)),
	)


def read_law(data: Any, path: str, legal: tuple[LegalHoliday, ...]) -> Law:
	"""Read one law of a policy. Raises PolicyError.

	``legal`` are the country's legal holidays, which the law may adopt.
	"""
	key = reading.text(data, "id", path)
	days = data.get("days")
	own_holidays = tuple(
		legal_days.read_legal_day(day, f"{path}.holidays[{index}]")
		for index, day in enumerate(_list(data, "holidays", path))
	)
	return Law(
		key=key,
		title=reading.text(data, "title", path),
		states=frozenset(reading.strings(data, "states", path)),
		citation=reading.text(data, "citation", path),
		week=None if days is None else week.read_week(reading.get(data, "days", dict, path), f"{path}.days"),
		holidays=(*legal, *own_holidays) if _flag(data, "legal_holidays", path) else own_holidays,
		state_of_emergency=_flag(data, "state_of_emergency", path),
		exemptions=tuple(
			_exemption(item, f"{path}.exempt[{index}]")
			for index, item in enumerate(_list(data, "exempt", path))
		),
		review=read_review(data, path),
		draft_from=reading.day(reading.get(data, "draft_from", str, path), f"{path}.draft_from")
		if "draft_from" in data
		else None,
	)


def read_review(data: Mapping[str, Any], path: str, optional: bool = False) -> Review | None:
	"""Read when the rule was checked. Raises PolicyError.

	Returns None where the review is ``optional`` and missing.
	"""
	if optional and not REVIEW_KEYS & set(data):
		return None
	confidence = reading.get(data, "confidence", str, path)
	if confidence not in CONFIDENCES:
		raise PolicyError(f"{path}.confidence must be one of {', '.join(CONFIDENCES)}")
	checked, due = (
		reading.day(reading.get(data, key, str, path), f"{path}.{key}") for key in ("checked_on", "review_by")
	)
	if due <= checked:
		raise PolicyError(f"{path}.review_by must be later than checked_on")
	rests_on = reading.get(data, "rests_on", str, path) if "rests_on" in data else ""
	if rests_on and rests_on not in RESTS_ON:
		raise PolicyError(f"{path}.rests_on must be one of {', '.join(RESTS_ON)}")
	return Review(confidence, checked, due, rests_on)


def _exemption(data: Any, path: str) -> Exemption:
	if not isinstance(data, Mapping) or not data:
		raise PolicyError(f"{path} must say who is exempt")
	return Exemption(
		*(
			reading.chosen(data, key, path, allowed) if key in data else None
			for key, allowed in (("purposes", PURPOSES), ("callers", CALLERS), ("channels", CHANNELS))
		)
	)


def _list(data: Mapping[str, Any], key: str, path: str) -> list[Any]:
	return reading.get(data, key, list, path) if key in data else []


def _flag(data: Mapping[str, Any], key: str, path: str) -> bool:
	return key in data and reading.get(data, key, bool, path)
