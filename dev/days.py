"""Days on which a run gives the same results as on any other: no weekend and no holiday of any state."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import count

from school_dialer.compliance import policies
from school_dialer.compliance.rules.holidays import legal

POLICY = "us-states"


def is_ordinary(day: date) -> bool:
	return day.weekday() < 5 and day not in legal(policies.load(POLICY), day.year)


def last_ordinary(day: date) -> date:
	"""Return this day, or the last ordinary day before it."""
	days = (day - timedelta(days=distance) for distance in count())
	return next(filter(is_ordinary, days))


def next_ordinary(day: date, in_a_row: int = 1) -> date:
	"""Return the first day, from this day on, that begins ``in_a_row`` ordinary days."""
	days = (day + timedelta(days=distance) for distance in count())
	return next(
		first for first in days if all(is_ordinary(first + timedelta(days=more)) for more in range(in_a_row))
	)


def next_at(now: datetime, hour: time) -> datetime:
	"""Return the first moment, from now on, at this hour of an ordinary day, in the time zone of now."""
	passed = datetime.combine(now.date(), hour, now.tzinfo) < now
	return datetime.combine(next_ordinary(now.date() + timedelta(days=passed)), hour, now.tzinfo)
