"""Schools of a district that exist in one test's transaction."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.schools import registry
from tests.integration import districts
from tests.integration.schools.families import District

DAY = date(2024, 3, 13)
ONE = timedelta(days=1)
EAST, WEST = "Pacific/Guam", "Pacific/Honolulu"
CASES = [(EAST, 20, DAY + ONE), (WEST, 1, DAY - ONE), (EAST, 1, DAY), (WEST, 20, DAY)]
"""The school's time zone, an hour of a site in Chicago, and the day at the school."""


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
	"""Read the schools again before and after each test: what is cached outlives a rollback."""
	registry.forget()
	yield
	frappe.db.rollback()
	registry.forget()


@pytest.fixture
def three(forgotten) -> tuple[str, str, str]:
	"""Return the names of a primary school, a high school and a college."""
	for name in frappe.get_all(registry.DOCTYPE, pluck="name", order_by="name"):
		frappe.db.set_value(registry.DOCTYPE, name, "enabled", 0)
	names = ("Oak Primary", "Elm High", "River College")
	districts.school("Oak Primary", exact=True, calls_from="09:00", calls_until="15:00")
	districts.school("Elm High", exact=True, default_language="es")
	districts.school("River College", exact=True, school_kind="College or university")
	return names


@pytest.fixture
def district(three) -> District:
	return District()


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def there(request, site_connection, monkeypatch):
	"""Stop the clock, and yield a school in another time zone with the day that it is there."""
	zone, hour, day = request.param
	monkeypatch.setattr(frappe.local, "dialer_system_zone", ZoneInfo("America/Chicago"), raising=False)
	moment = datetime(DAY.year, DAY.month, DAY.day, hour, 30, tzinfo=clock.system_zone())
	monkeypatch.setattr(clock, "now", lambda: moment.astimezone(timezone.utc))
	with districts.district("There", "Too", time_zone=zone) as (school, _other):
		yield school, day
