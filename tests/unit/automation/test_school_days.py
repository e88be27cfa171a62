"""Days on which a rule runs: no day is lost or reported twice, whatever the holidays are."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.automation.school_days import AFTER, BEFORE, SKIP, covered, fires, latest_before

FIRST = date(2026, 3, 2)
DAYS = [FIRST + timedelta(days=index) for index in range(60)]


def is_open(holidays):
	return lambda day: day.weekday() < 5 and day not in holidays


@given(st.sets(st.sampled_from(DAYS)), st.sampled_from([BEFORE, AFTER]))
def test_every_day_is_covered_once_by_a_day_of_school(holidays, when_closed):
	opened = is_open(holidays)
	around = [FIRST + timedelta(days=index) for index in range(-100, 160)]
	told = [other for day in around for other in covered(day, opened, when_closed)]
	assert all(told.count(day) == 1 for day in DAYS)
	assert all(covered(day, opened, when_closed)[0] == day for day in DAYS if opened(day))


def test_the_last_day_of_school_is_no_sunday_and_no_holiday():
	monday = FIRST + timedelta(days=7)
	assert latest_before(monday, is_open(set())) == monday - timedelta(days=3)
	assert latest_before(monday, is_open({monday - timedelta(days=3)})) == monday - timedelta(days=4)
	assert latest_before(monday, lambda day: False) == monday - timedelta(days=1)


@given(st.sets(st.sampled_from(DAYS)), st.sampled_from([SKIP, BEFORE, AFTER]))
def test_nothing_runs_on_a_day_without_school(holidays, when_closed):
	opened = is_open(holidays)
	for day in DAYS:
		found = covered(day, opened, when_closed)
		assert bool(found) == opened(day)
		assert when_closed != SKIP or len(found) <= 1


def test_on_friday_the_weekend_is_announced():
	friday = date(2026, 3, 6)
	weekend = [friday, date(2026, 3, 7), date(2026, 3, 8)]
	assert covered(friday, is_open(set()), BEFORE) == weekend
	assert covered(date(2026, 3, 9), is_open(set()), AFTER) == [
		date(2026, 3, 9),
		date(2026, 3, 8),
		date(2026, 3, 7),
	]


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1), date(2026, 3, 9)])
def test_a_time_of_the_day_is_one_time_also_when_the_clocks_change(day):
	assert [at.hour for at in fires("30 2 * * *", day)] == [2]
	assert [at.hour for at in fires("30 1 * * *", day)] == [1]


def test_cron_fires_on_its_weekday():
	assert len(fires("0 18 * * 5", date(2026, 3, 6))) == 1
	assert not fires("0 18 * * 5", date(2026, 3, 5))
