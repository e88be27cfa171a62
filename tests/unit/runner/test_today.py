"""The day of the tests: read from DIALER_TODAY, and given to processes as one offset."""

from datetime import datetime, timedelta, timezone

import pytest

from dev.runner import today
from dev.runner.today import Clock
from dev.site.steps import StepFailed

UTC = timezone.utc


@pytest.mark.parametrize(
	("text", "begins"),
	[
		("2026-12-08", datetime(2026, 12, 8, 16, tzinfo=UTC)),
		("2027-11-07T06:30", datetime(2027, 11, 7, 6, 30, tzinfo=UTC)),
		("now", None),
	],
)
def test_a_day_is_read(text, begins):
	assert Clock.of(text).begins == begins


@pytest.mark.parametrize("text", ["", "Tuesday", "2026-13-01", "2026-12-08 25:00"])
def test_no_day_is_refused_in_words(text):
	with pytest.raises(StepFailed, match="is no day"):
		Clock.of(text)


def test_each_day_of_the_list_can_be_read():
	assert all(Clock.of(day).begins for day in today.DAYS)


def test_a_process_gets_the_offset_to_that_moment(monkeypatch):
	monkeypatch.setattr(today, "library", lambda: "/lib/faketime.so")
	begins = datetime.now(UTC) + timedelta(days=3)
	variables = Clock(begins).environment()
	assert abs(int(variables["FAKETIME"]) - 3 * 24 * 3600) <= 60
	assert variables["LD_PRELOAD"] == "/lib/faketime.so"
	assert Clock(None).environment() == {}
