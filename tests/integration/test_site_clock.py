"""The hour that is repeated in autumn: what the site wrote in it is read as the moment that it was."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import frappe
import pytest

from school_dialer.base import clock

FALL_BACK = datetime(2025, 11, 2, 7, 0, tzinfo=timezone.utc)
"""At this moment it is 1 o'clock in Chicago for the second time."""
MINUTES = (-120, -61, -60, -45, -1, 0, 1, 30, 59, 60, 120)


@pytest.fixture
def at(monkeypatch):
	"""Return a function that sets the time of a site in Chicago, in minutes after the clock went back."""
	monkeypatch.setattr(frappe.local, "dialer_system_zone", ZoneInfo("America/Chicago"), raising=False)

	def set_time(minutes: float) -> datetime:
		moment = FALL_BACK + timedelta(minutes=minutes)
		monkeypatch.setattr(clock, "now", lambda: moment)
		return moment

	return set_time


@pytest.mark.parametrize("minutes", MINUTES)
def test_what_was_written_now_is_read_as_now(at, minutes):
	moment = at(minutes)
	assert clock.from_db(clock.db_now()) == moment
	assert clock.from_db(str(clock.db_now())) == moment


def test_what_is_to_come_is_never_taken_for_past(at):
	ahead = clock.to_db(at(-90) + timedelta(minutes=60))
	assert clock.from_db(ahead) == FALL_BACK - timedelta(minutes=30)


@pytest.mark.parametrize("minutes", [0, 30, 60, 24 * 60])
def test_the_second_time_stays_the_second_time(at, minutes):
	written = clock.to_db(at(minutes and 20))
	expected = FALL_BACK + timedelta(minutes=minutes and 20)
	at(max(minutes, 20))
	assert clock.from_db(written) == expected


def test_in_spring_nothing_changes(at):
	at(0)
	assert clock.from_db("2025-03-09 02:30:00") == datetime(2025, 3, 9, 8, 30, tzinfo=timezone.utc)


def test_a_document_of_a_whole_second_can_be_saved_again(monkeypatch):
	monkeypatch.setattr("frappe.utils.data.now_datetime", lambda: datetime(2026, 3, 3, 12))
	todo = frappe.get_doc({"doctype": "ToDo", "description": "Call the Riveras"}).insert()
	todo.save()
