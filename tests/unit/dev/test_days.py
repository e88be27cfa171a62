"""A run on the eve of a holiday gives the same results as on any other day."""

from datetime import date, datetime, time, timezone

import pytest

from dev.days import is_ordinary, last_ordinary, next_at, next_ordinary

pytestmark = pytest.mark.dates


@pytest.mark.parametrize(
	("day", "first", "of_two"),
	[
		(date(2026, 11, 24), date(2026, 11, 24), date(2026, 11, 24)),
		(date(2026, 11, 25), date(2026, 11, 25), date(2026, 12, 2)),
		(date(2026, 11, 26), date(2026, 11, 30), date(2026, 12, 2)),
		# Good Friday, Election Day, Mardi Gras.
		(date(2026, 4, 3), date(2026, 4, 6), date(2026, 4, 6)),
		(date(2026, 11, 3), date(2026, 11, 4), date(2026, 11, 4)),
		(date(2027, 2, 9), date(2027, 2, 10), date(2027, 2, 10)),
		(date(2026, 12, 24), date(2026, 12, 24), date(2026, 12, 28)),
		(date(2027, 7, 2), date(2027, 7, 2), date(2027, 7, 6)),
		(date(2028, 1, 1), date(2028, 1, 3), date(2028, 1, 3)),
	],
)
def test_the_first_ordinary_days(day: date, first: date, of_two: date):
	assert (next_ordinary(day), next_ordinary(day, in_a_row=2)) == (first, of_two)
	assert is_ordinary(first)


@pytest.mark.parametrize(
	("day", "last"),
	[
		(date(2026, 11, 24), date(2026, 11, 24)),
		(date(2026, 11, 26), date(2026, 11, 25)),
		(date(2026, 11, 30), date(2026, 11, 30)),
		(date(2028, 1, 2), date(2027, 12, 30)),
	],
)
def test_the_last_ordinary_day(day: date, last: date):
	assert last_ordinary(day) == last


@pytest.mark.parametrize(
	("now", "then"),
	[
		("2026-11-24 00:01", "2026-11-24 20:30"),
		("2026-11-24 20:30", "2026-11-24 20:30"),
		("2026-11-24 20:31", "2026-11-25 20:30"),
		("2026-11-25 23:58", "2026-11-30 20:30"),
		("2026-11-28 09:00", "2026-11-30 20:30"),
	],
)
def test_the_next_time_that_it_is_this_hour_of_an_ordinary_day(now, then):
	asked, found = (datetime.fromisoformat(one).replace(tzinfo=timezone.utc) for one in (now, then))
	assert next_at(asked, time(20, 30)) == found
