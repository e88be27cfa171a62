"""Is it a day on which nobody is called."""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from school_dialer.compliance.model import EMERGENCY, HOLIDAY, Facts, Reason, Request
from school_dialer.compliance.places import locate
from school_dialer.compliance.policy import LegalHoliday, Policy

_LONGEST_RUN = 400


def kept(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""No call but an emergency on a holiday, by the local date in any candidate zone.

	Sources: the school's own list in the facts; legal holidays in the states that forbid calls on them (Alabama and
	Pennsylvania in the packaged policy). A holiday on a Saturday is also kept on the Friday before, one on a
	Sunday on the Monday after, as public offices do.
	"""
	if request.purpose == EMERGENCY:
		return []
	listed = facts.holidays if policy.keep_listed_holidays else frozenset()
	if not listed and not policy.legal_holiday_states:
		return []
	place = locate(request, policy)
	legal = not policy.legal_holiday_states.isdisjoint(place.states)
	if not (listed or legal):
		return []
	ends = [end for zone in place.zones if (end := _end(policy, listed, legal, zone, at)) is not None]
	if not ends:
		return []
	detail = "It is a holiday there."
	return [Reason(HOLIDAY, "holidays.kept", policy.citation(HOLIDAY, place.states), detail, max(ends))]


def _end(
	policy: Policy, listed: frozenset[date], legal: bool, zone: ZoneInfo, at: datetime
) -> datetime | None:
	"""The local midnight that ends the holidays which ``at`` falls into, in UTC; None when it falls into none."""
	day = start = at.astimezone(zone).date()
	while (day in listed or (legal and day in legal_days(policy, day.year))) and (
		day - start
	).days < _LONGEST_RUN:
		day += timedelta(days=1)
	return None if day == start else datetime.combine(day, time(), zone).astimezone(timezone.utc)


@lru_cache(maxsize=256)
def legal_days(policy: Policy, year: int) -> frozenset[date]:
	"""The legal holidays of a year with the week days on which they are observed."""
	days = set()
	for holiday in policy.legal_holidays:
		for of_year in (year, year + 1):
			day = _on(holiday, of_year)
			observed = day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))
			days |= {found for found in (day, observed) if found.year == year}
	return frozenset(days)


def _on(holiday: LegalHoliday, year: int) -> date:
	if holiday.day is not None:
		return date(year, holiday.month, min(holiday.day, calendar.monthrange(year, holiday.month)[1]))
	days = [
		date(year, holiday.month, day)
		for day in range(1, calendar.monthrange(year, holiday.month)[1] + 1)
		if date(year, holiday.month, day).weekday() == holiday.weekday
	]
	return days[holiday.nth if holiday.nth < 0 else holiday.nth - 1]
