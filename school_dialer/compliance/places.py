"""Find where the person is called: the candidate states and time zones of an address and a number.

The address comes first: its state, narrowed by a time zone the person gave or by the postal code. Where these
disagree, all of them count. Then the number. With an address, it adds every zone its leading digits allow,
because a mobile phone travels. Without one, or with one that cannot be read, it adds every zone of its area
code. The time must be inside the calling hours in all candidates.

Sources: 47 CFR 64.1200(c)(1) ("local time at the called party's location"); Fla. Stat. 501.059(8)(d) presumes
that an area code of the state means a person in the state, which is applied to every state when no state is
known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from school_dialer.base.phone import PhoneNumber
from school_dialer.compliance.gazetteer import MILITARY, UNITED_STATES, Edition, edition, latest
from school_dialer.compliance.model import Person, Request
from school_dialer.compliance.policy import ALWAYS, Policy

_YEAR_FOR_COMPARISON = 2025

UNREADABLE_STATE, MILITARY_POST_OFFICE, STATE_AND_POSTAL_CODE_DISAGREE = (
	"unreadable state",
	"military post office",
	"state and postal code disagree",
)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
	"""The candidates for one request.

	``judged`` is False when there is neither an address nor a usable number, so that no hours apply.
	``zones`` is empty when the place should be known but is not.
	"""

	judged: bool
	states: tuple[str, ...]
	zones: tuple[ZoneInfo, ...]


@dataclass(frozen=True, slots=True)
class Address:
	"""The candidate states and zones of an address.

	``doubtful``: some part cannot be read, or the address may be anywhere in the world.
	"""

	states: tuple[str, ...]
	zones: tuple[str, ...]
	doubtful: bool

	@property
	def known(self) -> bool:
		return bool(self.states or self.zones) and not self.doubtful


NOWHERE = Place(False, (), ())
_latest: tuple[Request | None, Policy | None, Place] = (None, None, NOWHERE)
"""What `locate` was asked last, and its answer: several rules in a row ask about the same request."""


def locate(request: Request, policy: Policy) -> Place:
	"""Return the candidates for one request.

	Results are cached by the values they depend on, so equal places are the same object.
	"""
	global _latest
	asked, under, place = _latest
	if asked is not request or under is not policy:
		place = _place_of(request, policy)
		_latest = request, policy, place
	return place


def _place_of(request: Request, policy: Policy) -> Place:
	phone, person = request.phone, request.person
	if isinstance(phone, PhoneNumber):
		number = phone.country, phone.time_zones, phone.e164[:5]
	else:
		number = None
	return _locate(policy, number, person.country, person.state, person.postal_code, person.time_zone)


def country_of(person: Person) -> str | None:
	"""Return the ISO code of the person's country, or None when it is missing.

	An unknown name is returned stripped and in upper case.
	"""
	return _country(person.country)


def trouble(country: str | None, state: str | None, postal_code: str | None) -> str:
	"""Return why an address does not show where a person lives, or "" when it does.

	The reason is one of the three constants above. Only countries whose states affect the hours are checked.
	No country means the United States, as in `locate`.
	"""
	places = latest()
	code = places.country(country) or UNITED_STATES
	text = (state or "").strip()
	if not places.has_states(code):
		return ""
	named = places.state(code, text)
	if code == UNITED_STATES and places.is_military(named, postal_code):
		return MILITARY_POST_OFFICE
	if text and named is None:
		return UNREADABLE_STATE
	coded = places.state_of_zip(postal_code) if code == UNITED_STATES else None
	return STATE_AND_POSTAL_CODE_DISAGREE if named and coded and named != coded else ""


@lru_cache(maxsize=1024)
def _country(name: str | None) -> str | None:
	return latest().country(name)


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
	places = edition(policy.places)
	country = _country(country) or UNITED_STATES
	if policy.military_by_own_zone and country == UNITED_STATES:
		# The place of the called party counts (47 CFR 64.1200(c)(1)), and it is not that of the area code.
		if places.is_military(places.state(country, state), postal_code):
			return Place(True, (), _zones(_with_given((), time_zone)))
	address = _address(places, country, state, postal_code)
	names = _with_given(address.zones, time_zone)
	if number is None or number[0] not in policy.countries:
		return Place(bool(names), address.states, _zones(names))
	_, zones, beginning = number
	states = address.states
	area = places.area_codes.get(beginning[2:]) if beginning.startswith("+1") else None
	if area is not None and not address.known:
		zones += area.zones
		if area.country == country:
			states = tuple(sorted({*states, *area.states}))
	if policy.number_zones == ALWAYS or address.doubtful or not names:
		names += tuple(zone for zone in dict.fromkeys(zones) if zone not in names)
	return Place(True, states, _zones(names))


def _address(places: Edition, country: str, state: str | None, postal_code: str | None) -> Address:
	"""Read an address. If its state and the state of its postal code disagree, both count."""
	named = places.state(country, state)
	coded = places.state_of_zip(postal_code) if country == UNITED_STATES else None
	states = tuple(
		sorted({candidate for candidate in (named, coded) if candidate and candidate not in MILITARY})
	)
	zones = (
		_state_zones(places, country, states, postal_code) if states else places.countries.get(country, ())
	)
	return Address(states, zones, places.doubts and _is_doubtful(places, country, named, state, postal_code))


def _is_doubtful(
	places: Edition, country: str, named: str | None, state: str | None, postal_code: str | None
) -> bool:
	if country == UNITED_STATES and places.is_military(named, postal_code):
		return True
	return named is None and bool((state or "").strip()) and places.has_states(country)


def _state_zones(
	places: Edition, country: str, states: tuple[str, ...], postal_code: str | None
) -> tuple[str, ...]:
	names: list[str] = []
	for state in states:
		narrowed = places.zones_of_zip(state, postal_code) if country == UNITED_STATES else None
		names += [zone for zone in narrowed or places.state_zones[country][state] if zone not in names]
	return tuple(names)


def _with_given(names: tuple[str, ...], time_zone: str | None) -> tuple[str, ...]:
	"""Combine the zones of an address with the zone the person gave. It narrows them if it is one of them."""
	given = (time_zone or "").strip()
	if not given or _zone(given) is None:
		return names
	if not names or any(_same_clock(given, name) for name in names):
		return (given,)
	return (*names, given)


def _zones(names: tuple[str, ...]) -> tuple[ZoneInfo, ...]:
	"""Return the zones, or none when this machine's database lacks one of them: never guess."""
	zones = tuple(_zone(name) for name in names)
	return () if None in zones else zones


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
	try:
		return ZoneInfo(name)
	except (KeyError, ValueError, OSError):
		return None


@lru_cache(maxsize=1024)
def _same_clock(zone: str, other_zone: str) -> bool:
	first, second = _zone(zone), _zone(other_zone)
	return second is not None and all(
		datetime(_YEAR_FOR_COMPARISON, month, 1, tzinfo=first).utcoffset()
		== datetime(_YEAR_FOR_COMPARISON, month, 1, tzinfo=second).utcoffset()
		for month in range(1, 13)
	)
