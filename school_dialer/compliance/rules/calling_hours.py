"""Check that it is a decent hour where the person is."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from school_dialer.compliance.laws import Terms
from school_dialer.compliance.model import Facts, Reason, Request
from school_dialer.compliance.places import Place, locate
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.vocabulary import EMERGENCY, NO_TIME_ZONE, OUTSIDE_CALLING_HOURS
from school_dialer.compliance.week import DAYS, Week, intersect

LOOK_AHEAD = 101

Hours = tuple[int, int] | None
"""The calling school's own hours, as in a request."""


def within(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Require the local time to be inside the calling hours in EVERY candidate zone of the person.

	Sources: 47 CFR 64.1200(c)(1) (8 am to 9 pm at the called party's location, a rule for solicitations
	applied to every call that is not an emergency), the states' telemarketing acts and laws on automatic
	dialing in the policy. The closing minute is outside. If an address or a number should show a zone and
	does not, the request waits with NO_TIME_ZONE until one is entered: never guess. If there is neither, or
	the number is unusable, nothing is judged. The calling school's own hours narrow all of this.
	"""
	if request.purpose == EMERGENCY:
		return []
	place = locate(request, policy)
	if not place.judged:
		return []
	if not place.zones:
		return [_no_zone(policy)]
	day = at.date()
	terms = policy.terms(place.states, request.channel, request.purpose, request.caller)
	for opens, closes in open_times(terms, request.hours, place, day):
		if opens <= at < closes:
			return []
	until = _next_opening(terms, request.hours, place, at, day)
	citation = policy.citation(OUTSIDE_CALLING_HOURS, terms)
	times = _local_times(_narrowed(terms.week, request.hours), place, at)
	detail = f"It is {', '.join(f'{time} on {day} in {zone}' for time, day, zone in times)}."
	return [Reason(OUTSIDE_CALLING_HOURS, "calling_hours.within", citation, detail, until, times)]


def closes(request: Request, policy: Policy, at: datetime) -> datetime | None:
	"""Return the end (aware UTC) of the calling hours that ``at`` is in.

	Returns None when no hours limit the request (`within` judges nothing), or when ``at`` is outside them.
	"""
	if request.purpose == EMERGENCY:
		return None
	place = locate(request, policy)
	if not (place.judged and place.zones):
		return None
	terms = policy.terms(place.states, request.channel, request.purpose, request.caller)
	end = None
	for ahead in range(2):
		# A span that continues over midnight UTC comes in two pieces.
		for first, last in open_times(terms, request.hours, place, at.date() + timedelta(days=ahead)):
			if first <= (end or at) < last:
				end = last
	return end


def _narrowed(week: Week, hours: Hours) -> Week:
	"""Return the hours of the law that are also the school's own."""
	return week if hours is None else intersect(week, (hours,) * len(week))


@lru_cache(maxsize=1 << 15)
def open_times(
	terms: Terms, own_hours: Hours, place: Place, day: date
) -> tuple[tuple[datetime, datetime], ...]:
	"""Return the spans [opens, closes) of one UTC day in which every zone of the place is inside its hours.

	The spans are in order. Times are aware UTC. Terms and places are the same objects for equal questions, so
	that this finds its cached answer by their identity.
	"""
	week = _narrowed(terms.week, own_hours)
	start = datetime.combine(day, time(), timezone.utc)
	spans = [(start, start + timedelta(days=1))]
	for zone in place.zones:
		spans = [
			(max(opens, first), min(closes, last))
			for opens, closes in spans
			for first, last in _local_days(week, zone, day)
			if max(opens, first) < min(closes, last)
		]
	return tuple(spans)


def _local_days(week: Week, zone: ZoneInfo, day: date) -> list[tuple[datetime, datetime]]:
	"""Return the hours of the local days that touch a UTC day, in UTC.

	No clock change falls between EARLIEST and LATEST.
	"""
	spans = []
	for local in (day - timedelta(days=1), day, day + timedelta(days=1)):
		hours = week[local.weekday()]
		if hours is not None:
			ends = (datetime.combine(local, time(minute // 60, minute % 60), zone) for minute in hours)
			spans.append(tuple(end.astimezone(timezone.utc) for end in ends))
	return spans


def _next_opening(terms: Terms, own_hours: Hours, place: Place, at: datetime, day: date) -> datetime | None:
	"""Return the first instant after ``at`` at which every zone is open, or None within LOOK_AHEAD days.

	A span that continues over midnight UTC counts from its beginning.
	"""
	for ahead in range(LOOK_AHEAD):
		later = day + timedelta(days=ahead) if ahead else day
		for opens, _ in open_times(terms, own_hours, place, later):
			if opens > at:
				return opens
	return None


def _local_times(week: Week, place: Place, at: datetime) -> tuple[tuple[str, str, str], ...]:
	"""Return (HH:MM, English weekday, zone) of each zone that is outside its own hours."""
	times = []
	for zone in place.zones:
		local = at.astimezone(zone)
		weekday, hour, minute = local.weekday(), local.hour, local.minute
		hours = week[weekday]
		if hours is None or not hours[0] <= hour * 60 + minute < hours[1]:
			times.append((f"{hour:02d}:{minute:02d}", DAYS[weekday], zone.key))
	return tuple(times)


def _no_zone(policy: Policy) -> Reason:
	detail = "Neither the address nor the number tells the time zone."
	return Reason(NO_TIME_ZONE, "calling_hours.within", policy.citation(NO_TIME_ZONE), detail)
