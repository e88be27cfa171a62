"""Hours of a week, in minutes after local midnight."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from school_dialer.compliance.reading import PolicyError

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERY_DAY = "*"
# No law allows automatic calls outside these hours, and no clock change falls inside them.
EARLIEST, LATEST = 6 * 60, 22 * 60

Day = tuple[int, int] | None
Week = tuple[Day, Day, Day, Day, Day, Day, Day]


def intersect(week: Week, other_week: Week) -> Week:
	"""Return the hours that are in both weeks."""
	days: list[Day] = []
	for first, second in zip(week, other_week, strict=True):
		opens, closes = (max(first[0], second[0]), min(first[1], second[1])) if first and second else (0, 0)
		days.append((opens, closes) if opens < closes else None)
	return tuple(days)


def read_week(data: Mapping[str, Any], path: str) -> Week:
	"""Read the hours of a week. Raises PolicyError.

	``data`` maps names of days, or "*" for the days not named, to null or two times as HH:MM text.
	"""
	for day in data:
		if day != EVERY_DAY and day not in DAYS:
			raise PolicyError(f"{path} names no day: {day}")
	if EVERY_DAY not in data:
		missing = [day for day in DAYS if day not in data]
		if missing:
			raise PolicyError(f"{path}.{missing[0]} is missing")
	return tuple(_hours(data[day] if day in data else data[EVERY_DAY], f"{path}.{day}") for day in DAYS)


def _hours(value: Any, path: str) -> Day:
	if value is None:
		return None
	if not (isinstance(value, list) and len(value) == 2 and all(isinstance(time, str) for time in value)):
		raise PolicyError(f"{path} must be null or two times")
	minutes = []
	for time in value:
		if not re.fullmatch("(?:[01][0-9]|2[0-3]):[0-5][0-9]", time):
			raise PolicyError(f"{path} has a time that is not HH:MM")
		minutes.append(int(time[:2]) * 60 + int(time[3:]))
	if not EARLIEST <= minutes[0] < minutes[1] <= LATEST:
		raise PolicyError(f"{path} must lie between 06:00 and 22:00")
	return minutes[0], minutes[1]
