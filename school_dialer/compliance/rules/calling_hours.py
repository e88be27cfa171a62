"""Is it a decent hour where the person is."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from school_dialer.compliance.model import (
	EMERGENCY,
	NO_TIME_ZONE,
	OUTSIDE_CALLING_HOURS,
	Facts,
	Reason,
	Request,
)
from school_dialer.compliance.places import locate
from school_dialer.compliance.policy import Policy, Week


def within(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""The local time must be inside the calling hours in EVERY candidate zone of the person.

	Sources: 47 CFR 64.1200(c)(1) (8 am to 9 pm at the called party's location, a rule for solicitations applied to
	every call that is no emergency) and the states' telemarketing acts in the policy. The closing minute is outside.
	Who has an address or a number that should tell a zone, and does not, waits with NO_TIME_ZONE until somebody
	supplies one: never guess. Where there is neither, or the number is of no use, there is nothing to judge.
	"""
	if request.purpose == EMERGENCY:
		return []
	place = locate(request, policy)
	if not place.judged:
		return []
	if not place.zones:
		return [_no_zone(policy)]
	week = policy.week(place.states)
	closed = [zone for zone in place.zones if not is_open(week, zone, at)]
	if not closed:
		return []
	openings = [next_opening(week, zone, at) for zone in closed]
	until = None if None in openings else max(openings)
	detail = f"It is {_local_times(closed, at)} there."
	citation = policy.citation(OUTSIDE_CALLING_HOURS, place.states)
	return [Reason(OUTSIDE_CALLING_HOURS, "calling_hours.within", citation, detail, until)]


def is_open(week: Week, zone: ZoneInfo, at: datetime) -> bool:
	"""``at`` is inside the hours of its local day."""
	local = at.astimezone(zone)
	hours = week[local.weekday()]
	return hours is not None and hours[0] <= local.hour * 60 + local.minute < hours[1]


def next_opening(week: Week, zone: ZoneInfo, at: datetime) -> datetime | None:
	"""The first opening after ``at`` (which is outside the hours), in UTC; None when no day of the week opens."""
	local = at.astimezone(zone)
	return _opening_from(week, zone, local.date(), local.hour * 60 + local.minute)


@lru_cache(maxsize=1 << 14)
def _opening_from(week: Week, zone: ZoneInfo, day: date, minute: int) -> datetime | None:
	for ahead in range(8):
		hours = week[(day.weekday() + ahead) % 7]
		if hours is not None and (ahead or minute < hours[0]):
			opens = time(hours[0] // 60, hours[0] % 60)
			return datetime.combine(day + timedelta(days=ahead), opens, zone).astimezone(timezone.utc)
	return None


def _local_times(zones: list[ZoneInfo], at: datetime) -> str:
	return ", ".join(sorted(f"{at.astimezone(zone):%a %H:%M} in {zone.key}" for zone in zones))


def _no_zone(policy: Policy) -> Reason:
	detail = "Neither the address nor the number tells the time zone."
	return Reason(NO_TIME_ZONE, "calling_hours.within", policy.citation(NO_TIME_ZONE), detail)
