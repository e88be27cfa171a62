"""Yearly days: fixed dates, weekdays of a month, and days counted from Easter."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from school_dialer.compliance import reading
from school_dialer.compliance.reading import PolicyError
from school_dialer.compliance.week import DAYS

# Public offices close on the Friday before a Saturday and on the Monday after a Sunday.
_OBSERVED = {5: -1, 6: 1}
_KINDS = ("a day", "a weekday and its number in the month", "a weekday on or after a day", "days from Easter")
KEYS = frozenset({"name", "month", "day", "weekday", "nth", "on_or_after", "easter", "years"})


@dataclass(frozen=True, slots=True)
class LegalHoliday:
	"""A yearly day, given in one of four ways:

	- ``day`` of the ``month``;
	- the ``nth`` (-1: last) ``weekday`` (0 = Monday) of the month;
	- the first such weekday ``on_or_after`` a day of the month ("the Tuesday after the first Monday" is on or
	  after the second);
	- ``easter`` days after Easter Sunday of the western churches (-2: Good Friday, -47: Mardi Gras).

	``even_years`` limits it to even years, as for general elections.
	"""

	name: str
	month: int | None = None
	day: int | None = None
	weekday: int | None = None
	nth: int | None = None
	on_or_after: int | None = None
	easter: int | None = None
	even_years: bool = False

	def date_in(self, year: int) -> date | None:
		"""Return the date in that year, or None when the day does not occur in it."""
		if self.even_years and year % 2:
			return None
		if self.easter is not None:
			return easter(year) + timedelta(days=self.easter)
		last = calendar.monthrange(year, self.month)[1]
		if self.day is not None:
			return date(year, self.month, min(self.day, last))
		first = date(year, self.month, self.on_or_after or 1)
		following = [first + timedelta(days=more) for more in range(31)]
		days = [day for day in following if day.weekday() == self.weekday and day.month == self.month]
		if self.nth is None:
			return days[0]
		return days[self.nth if self.nth < 0 else self.nth - 1]


def of_year(holidays: Iterable[LegalHoliday], year: int) -> frozenset[date]:
	"""Return the days of a year, together with the weekdays on which they are observed.

	An "nth" weekday is one of the first four or the last: no rule names a fifth.
	"""
	days = set()
	for holiday in holidays:
		for when in (year, year + 1):
			day = holiday.date_in(when)
			if day is not None:
				observed = day + timedelta(days=_OBSERVED.get(day.weekday(), 0))
				days |= {observed_day for observed_day in (day, observed) if observed_day.year == year}
	return frozenset(days)


def easter(year: int) -> date:
	"""Return Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8)."""
	cycle, century, rest = year % 19, year // 100, year % 100
	leap, left = divmod(century, 4)
	moon = (19 * cycle + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
	step = (32 + 2 * left + 2 * (rest // 4) - moon - rest % 4) % 7
	late = (cycle + 11 * moon + 22 * step) // 451
	month, day = divmod(moon + step - 7 * late + 114, 31)
	return date(year, month, day + 1)


def read_legal_day(data: Any, path: str) -> LegalHoliday:
	"""Read one yearly day from a policy. Raises PolicyError."""
	name = reading.text(data, "name", path)
	years = data.get("years")
	if years not in (None, "even"):
		raise PolicyError(f"{path}.years must be even")
	even = years == "even"
	if "easter" in data:
		return LegalHoliday(name, easter=reading.number(data, "easter", path, -100, 100), even_years=even)
	month = reading.number(data, "month", path, 1, 12)
	if "day" in data:
		return LegalHoliday(name, month, day=reading.number(data, "day", path, 1, 31), even_years=even)
	weekday = reading.get(data, "weekday", str, path)
	after, nth = data.get("on_or_after"), data.get("nth")
	number = after if nth is None else nth
	latest_day = 22 if month == 2 else 24
	allowed = range(1, latest_day + 1) if nth is None else (-1, 1, 2, 3, 4)
	if (
		weekday not in DAYS
		or (nth is None) is (after is None)
		or type(number) is not int
		or number not in allowed
	):
		raise PolicyError(f"{path} needs a day: {', or '.join(_KINDS)}")
	return LegalHoliday(name, month, weekday=DAYS.index(weekday), nth=nth, on_or_after=after, even_years=even)
