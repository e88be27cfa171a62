"""When a privacy choice counts, at any hour of the site and in any time zone of its schools."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import frappe
import pytest

from school_dialer.audience import student_rights
from school_dialer.base import clock
from tests.integration.districts import district
from tests.integration.privacy.rights import ADULT, MINOR, choice, guardian, student

HOLD, CONSENT = "Safety Hold", "Consent to Disclose"
DAY = date(2024, 3, 12)
DAYS = timedelta(days=1)
HOURS = (0, 12, 23)


@pytest.fixture(autouse=True)
def undone(site_connection):
	yield
	frappe.db.rollback()


@pytest.fixture
def at(monkeypatch):
	"""Return a function that stops the clock of a site in Chicago at an hour of `DAY`."""
	monkeypatch.setattr(frappe.local, "dialer_system_zone", ZoneInfo("America/Chicago"), raising=False)

	def stop(hour: int) -> None:
		moment = datetime(DAY.year, DAY.month, DAY.day, hour, 30, tzinfo=clock.system_zone())
		monkeypatch.setattr(clock, "now", lambda: moment.astimezone(timezone.utc))

	return stop


def counts(kind: str, **days: date | None) -> bool:
	"""Return whether a choice of this kind about a guardian counts now. The count of holds must agree."""
	mother = guardian()
	child = student(ADULT if kind == CONSENT else MINOR, (mother, {}))
	choice(child, kind, guardian=mother, **days)
	found = student_rights.in_force((child,)) == ((mother, child, kind),)
	link = frappe.qb.DocType("Student Guardian")
	held = frappe.qb.from_(link).select(student_rights.count_holds(link)).where(link.parent == child).run()
	assert held == ((int(found and kind == HOLD),),)
	return found


@pytest.mark.parametrize("hour", HOURS)
@pytest.mark.parametrize("kind", [HOLD, CONSENT])
def test_a_choice_without_a_first_day_counts_at_once(at, kind, hour):
	at(hour)
	assert counts(kind)


@pytest.mark.parametrize("hour", HOURS)
def test_a_records_request_without_a_day_was_received_today(at, hour):
	at(hour)
	asked = {"doctype": "Dialer Records Request", "kind": "Inspect Records", "requested_by": "Mother"}
	doc = frappe.get_doc({**asked, "student": student(MINOR), "details": "All."}).insert()
	assert doc.received_on == DAY


@pytest.mark.parametrize("zone", ["", "Pacific/Guam", "Pacific/Honolulu", "No/Zone"])
@pytest.mark.parametrize("hour", HOURS)
@pytest.mark.parametrize("kind", [HOLD, CONSENT])
def test_a_choice_counts_as_the_days_of_all_schools_have_it(at, kind, hour, zone):
	"""Check that a hold counts while its days last at any school, and a consent while they do at all."""
	at(hour)
	here = datetime(DAY.year, DAY.month, DAY.day, hour, 30, tzinfo=clock.system_zone())
	there = here.astimezone(ZoneInfo(zone)).date() if zone.startswith("Pacific") else DAY
	every = {DAY, there}
	enough = any if kind == HOLD else all
	with district("Here", "There", time_zone=zone):
		for shift in (-1, 0, 1):
			first = last = DAY + shift * DAYS
			assert counts(kind, starts_on=first) == enough(first <= day for day in every)
			ends = counts(kind, starts_on=DAY - 9 * DAYS, expires_on=last)
			assert ends == enough(day <= last for day in every)
