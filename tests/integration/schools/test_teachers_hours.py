"""The hours of teachers in a district: looked at in sets, each school by its own clock."""

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.campaigns import due
from school_dialer.campaigns.teachers import limits
from school_dialer.schools import registry
from tests.integration import districts, statements

pytestmark = pytest.mark.dates

ZONES = ("America/Chicago", "Pacific/Honolulu", "")


def schools(count: int) -> list[str]:
	return [districts.school(f"S{place}", time_zone=ZONES[place % 3]).name for place in range(count)]


@pytest.fixture
def looks(monkeypatch) -> list[str]:
	"""Return a list that gets an entry each time the schools are asked for."""
	found, real = [], registry.schools

	def asked():
		found.append("schools")
		return real()

	monkeypatch.setattr(registry, "schools", asked)
	return found


def test_the_statements_and_looks_do_not_grow_with_the_schools(site_connection, looks):
	counts = []
	for more in (3, 27):
		schools(more)
		districts.forget()
		due.all_campaigns_due()
		looks.clear()
		counts.append((statements.count(due.all_campaigns_due), len(looks)))
	assert counts[0] == counts[1] == (1, 1)


@pytest.mark.parametrize("hour", [3, 7, 12, 17, 20, 23])
def test_each_school_is_open_by_its_own_clock(site_connection, monkeypatch, hour):
	names = schools(3)
	districts.forget()
	at = clock.now().replace(hour=hour, minute=30)
	monkeypatch.setattr(clock, "now", lambda: at)
	expected = {name for name in ("", *names) if not limits.is_open(name)}
	assert {name for name in limits.closed() if name in ("", *names)} == expected
	frappe.db.rollback()
