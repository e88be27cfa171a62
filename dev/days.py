"""Days on which a run means the same as on any other: no weekend, and no holiday of any state."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

from school_dialer.compliance import policies
from school_dialer.compliance.rules.holidays import legal

POLICY = "us-states"


def is_ordinary(day: date) -> bool:
	return day.weekday() < 5 and day not in legal(policies.load(POLICY), day.year)


def last_ordinary(day: date) -> date:
	"""This day, or the last ordinary one before it."""
	days = (day - timedelta(days=distance) for distance in count())
	return next(filter(is_ordinary, days))


def next_ordinary(day: date, in_a_row: int = 1) -> date:
	"""From this day on, the first that begins so many of them."""
	days = (day + timedelta(days=distance) for distance in count())
	return next(
		first for first in days if all(is_ordinary(first + timedelta(days=more)) for more in range(in_a_row))
	)
