"""Where is the person called: the candidate states and time zones of an address and a number.

The address comes first: its state, narrowed by a time zone the person gave or by the postal code, and where those
disagree all of them. Then the number: every zone its leading digits allow, for a mobile travels. All candidates
must be inside the calling hours. Sources: 47 CFR 64.1200(c)(1) ("local time at the called party's location");
Fla. Stat. 501.059(8)(d) presumes that an area code of the state means a person in the state, which is applied
to every state that has hours of its own when no state is known.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from school_dialer.compliance.model import Person, Request
from school_dialer.compliance.policy import ALWAYS, Policy
from school_dialer.phone import PhoneNumber

_UNITED_STATES = "US"
_YEAR_FOR_COMPARISON = 2025


@dataclass(frozen=True, slots=True, eq=False)
class Place:
	"""``judged`` is False when neither an address nor a usable number says anything, so that no hours apply.
	``zones`` is empty when the place should be known but is not.
	"""

	judged: bool
	states: tuple[str, ...]
	zones: tuple[ZoneInfo, ...]


NOWHERE = Place(False, (), ())


def locate(request: Request, policy: Policy) -> Place:
	"""The candidates for one request. Cached by what they depend on, so that equal ones are the same object."""
	phone, person = request.phone, request.person
	if isinstance(phone, PhoneNumber):
		number = phone.country, phone.time_zones, phone.e164[:5]
	else:
		number = None
	return _locate(policy, number, person.country, person.state, person.postal_code, person.time_zone)


def country_of(person: Person) -> str | None:
	"""The ISO code of the person's country, None when not told. Names that are not known come back as they are."""
	return _country(person.country)


@lru_cache(maxsize=1024)
def _country(name: str | None) -> str | None:
	text = (name or "").strip().upper()
	return _data()["country_names"].get(text, text) or None


@lru_cache(maxsize=1 << 15)
def _locate(
	policy: Policy,
	number: tuple[str, tuple[str, ...], str] | None,
	country: str | None,
	state: str | None,
	postal_code: str | None,
	time_zone: str | None,
) -> Place:
	if not policy.countries:
		return NOWHERE
	country = _country(country) or _UNITED_STATES
	states = _states(country, state, postal_code)
	names = _address_zones(country, states, postal_code, time_zone)
	if number is None or number[0] not in policy.countries:
		return Place(bool(names), states, _zones(names))
	_, zones, beginning = number
	if not states and country == _UNITED_STATES and beginning in _area_codes():
		states = (_area_codes()[beginning],)
	if policy.number_zones == ALWAYS or not names:
		names = names + tuple(zone for zone in zones if zone not in names)
	return Place(True, states, _zones(names))


def _states(country: str, state: str | None, postal_code: str | None) -> tuple[str, ...]:
	"""The state of the address and that of its postal code: both, should they disagree."""
	named = _state_names(country).get((state or "").strip().upper())
	coded = _zip_states().get(_zip(postal_code)) if country == _UNITED_STATES else None
	return tuple(sorted({found for found in (named, coded) if found}))


def _address_zones(
	country: str, states: tuple[str, ...], postal_code: str | None, time_zone: str | None
) -> tuple[str, ...]:
	if states:
		names = _state_zones(country, states, postal_code)
	else:
		names = tuple(_data()["countries"].get(country, ()))
	given = (time_zone or "").strip()
	if not given or _zone(given) is None:
		return names
	if not names or any(_same_clock(given, name) for name in names):
		return (given,)
	return (*names, given)


def _state_zones(country: str, states: tuple[str, ...], postal_code: str | None) -> tuple[str, ...]:
	table = _data()["states"][country]
	names: list[str] = []
	for state in states:
		narrowed = _zip_zones(state).get(_zip(postal_code)) if country == _UNITED_STATES else None
		names += [zone for zone in narrowed or table[state]["zones"] if zone not in names]
	return tuple(names)


def _zones(names: tuple[str, ...]) -> tuple[ZoneInfo, ...]:
	"""The zones, or none at all when this machine's database lacks one of them: never guess."""
	zones = tuple(_zone(name) for name in names)
	return () if None in zones else zones


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
	try:
		return ZoneInfo(name)
	except (KeyError, ValueError, OSError):
		return None


@lru_cache(maxsize=1024)
def _same_clock(one: str, other: str) -> bool:
	first, second = _zone(one), _zone(other)
	return second is not None and all(
		datetime(_YEAR_FOR_COMPARISON, month, 1, tzinfo=first).utcoffset()
		== datetime(_YEAR_FOR_COMPARISON, month, 1, tzinfo=second).utcoffset()
		for month in range(1, 13)
	)


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
	return json.loads(Path(__file__).with_name("places.json").read_text(encoding="utf-8"))


@lru_cache(maxsize=8)
def _state_names(country: str) -> dict[str, str]:
	names = {}
	for code, state in _data()["states"].get(country, {}).items():
		names[code] = names[state["name"].upper()] = code
	return names


@lru_cache(maxsize=1)
def _area_codes() -> dict[str, str]:
	states = _data()["states"][_UNITED_STATES]
	return {
		f"+1{code}": name for name, state in states.items() for code in state.get("area_codes", "").split()
	}


@lru_cache(maxsize=1)
def _zip_states() -> dict[str, str]:
	states = _data()["states"][_UNITED_STATES]
	return {prefix: name for name, state in states.items() for prefix in _prefixes(state["zip"])}


@lru_cache(maxsize=128)
def _zip_zones(state: str) -> dict[str, list[str]]:
	ranges = _data()["states"][_UNITED_STATES][state].get("zip_zones", {})
	return {prefix: zones for text, zones in ranges.items() for prefix in _prefixes(text)}


def _prefixes(text: str) -> list[str]:
	prefixes = []
	for part in text.split():
		first, _, last = part.partition("-")
		prefixes += [f"{number:03d}" for number in range(int(first), int(last or first) + 1)]
	return prefixes


def _zip(postal_code: str | None) -> str:
	text = (postal_code or "").strip()
	return text[:3] if len(text) >= 5 and text[:5].isascii() and text[:5].isdigit() else ""
