"""Check that it is not a day without calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from school_dialer.compliance import legal_days
from school_dialer.compliance.laws import Terms
from school_dialer.compliance.model import Facts, Reason, Request
from school_dialer.compliance.places import Place, locate
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.vocabulary import EMERGENCY, HOLIDAY

_LONGEST_RUN = 400


def kept(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Make no calls except emergencies on a holiday, by the local date in any candidate zone.

	Sources: the school's own list in the facts; legal holidays in the states that forbid calls on them (see
	the policy: Ala. Code 1-3-8, La. Rev. Stat. 1:55, 44 Pa. Stat. 11 and others). A holiday on a Saturday is
	also kept on the Friday before, one on a Sunday on the Monday after, as public offices do.
	"""
	if request.purpose == EMERGENCY:
		return []
	listed = facts.holidays if policy.keep_listed_holidays else frozenset()
	if not listed and not policy.states_with_legal_days:
		return []
	place = locate(request, policy)
	if not listed and policy.states_with_legal_days.isdisjoint(place.states):
		return []
	terms = policy.terms(place.states, request.channel, request.purpose, request.caller)
	until = _end(place, at, lambda day: day in listed or day in _legal(terms, day.year))
	if until is None:
		return []
	detail = "It is a holiday there."
	return [Reason(HOLIDAY, "holidays.kept", policy.citation(HOLIDAY, terms), detail, until)]


def state_of_emergency(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Make no calls except emergencies in a declared state of emergency, where state law forbids calls then.

	Source: La. Rev. Stat. 45:844.11 et seq. and the orders of the Louisiana Public Service Commission (no
	calls during a state of emergency that the governor declared). First and last day are local dates in any
	candidate zone. A Compliance Officer enters the declarations that are in the facts.
	"""
	if not facts.states_of_emergency or request.purpose == EMERGENCY:
		return []
	place = locate(request, policy)
	terms = policy.terms(place.states, request.channel, request.purpose, request.caller)
	spans = [
		(declared.begins, declared.ends)
		for declared in facts.states_of_emergency
		if declared.state in terms.emergency_states
	]
	until = (
		_end(place, at, lambda day: any(begins <= day <= ends for begins, ends in spans)) if spans else None
	)
	if until is None:
		return []
	detail = "A state of emergency is declared there."
	return [Reason(HOLIDAY, "holidays.state_of_emergency", policy.citation(HOLIDAY, terms), detail, until)]


def legal(policy: Policy, year: int) -> frozenset[date]:
	"""Return every day of a year on which some state of the policy forbids calls."""
	return legal_days.of_year(
		{day for law in policy.laws if law.draft_from is None for day in law.holidays}, year
	)


def _end(place: Place, at: datetime, is_closed: Callable[[date], bool]) -> datetime | None:
	"""Return when the closed days that ``at`` is in have ended in every zone, or None when it is in none."""
	ends = [end for zone in place.zones if (end := _end_in(zone, at, is_closed)) is not None]
	return max(ends) if ends else None


def _end_in(zone: ZoneInfo, at: datetime, is_closed: Callable[[date], bool]) -> datetime | None:
	"""Return the local midnight after the closed days, in UTC."""
	day = start = at.astimezone(zone).date()
	while is_closed(day) and (day - start).days < _LONGEST_RUN:
		day += timedelta(days=1)
	return None if day == start else datetime.combine(day, time(), zone).astimezone(timezone.utc)


@lru_cache(maxsize=1024)
def _legal(terms: Terms, year: int) -> frozenset[date]:
	return legal_days.of_year(terms.holidays, year)
