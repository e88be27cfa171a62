"""Absences and leave count by the day of the student's school, in whichever time zone it is."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import frappe
import pytest

from school_dialer.automation import corrections, run, scheduler
from school_dialer.base import clock
from school_dialer.inbound.absences import reports, standing
from school_dialer.inbound.absences.by_text import day_of
from school_dialer.inbound.absences.intent import TODAY, Intent
from school_dialer.inbound.absences.kinds import LATE, REPORTED
from school_dialer.inbound.conversations.office_hours import Office
from school_dialer.messages.field import Subject
from school_dialer.messages.providers import calendar
from school_dialer.schools import zones
from school_dialer.website import absence_page
from tests.integration.districts import district

DAY = date(2024, 3, 13)
ONE = timedelta(days=1)
EAST, WEST = "Pacific/Guam", "Pacific/Honolulu"
CASES = [(EAST, 20, DAY + ONE), (WEST, 1, DAY - ONE), (EAST, 1, DAY), (WEST, 20, DAY)]
"""The school's time zone, an hour of a site in Chicago, and the day at the school."""


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def there(request, site_connection, monkeypatch):
	"""Stop the clock, and yield a school in another time zone with the day that it is there."""
	zone, hour, day = request.param
	monkeypatch.setattr(frappe.local, "dialer_system_zone", ZoneInfo("America/Chicago"), raising=False)
	moment = datetime(DAY.year, DAY.month, DAY.day, hour, 30, tzinfo=clock.system_zone())
	monkeypatch.setattr(clock, "now", lambda: moment.astimezone(timezone.utc))
	with district("There", "Too", time_zone=zone) as (school, _other):
		yield school, day


@pytest.fixture
def reconsidered(monkeypatch) -> list[str]:
	found: list[str] = []
	monkeypatch.setattr(corrections, "reconsider", found.append)
	return found


def test_a_corrected_absence_of_the_schools_day_takes_its_calls_back(there, reconsidered):
	_school, day = there
	for shift in (-9, 0, 9):
		corrections.on_attendance(frappe._dict(student=str(shift), date=day + shift * ONE))
	assert reconsidered == ["0"]


def test_a_leave_on_the_schools_day_takes_its_calls_back(there, reconsidered):
	_school, day = there
	for first, last in ((-9, -8), (0, 0), (-1, 1), (8, 9)):
		leave = {"student": f"{first} {last}", "from_date": day + first * ONE, "to_date": day + last * ONE}
		corrections.on_leave(frappe._dict(leave))
	assert reconsidered == ["0 0", "-1 1"]


def test_a_report_about_the_schools_day_takes_its_calls_back(there, reconsidered):
	_school, day = there
	for shift in (-9, 0, 9):
		reports.announce(str(shift), day + shift * ONE, day + shift * ONE)
	assert reconsidered == ["0"]


def test_a_guardian_reports_the_schools_day_and_none_before(there, monkeypatch):
	school, day = there
	monkeypatch.setattr(Office, "is_school_day", lambda *_given: True)
	reports.check_days(day, day, school)
	with pytest.raises(reports.BadDays):
		reports.check_days(day - ONE, day, school)
	assert day_of(Intent("", TODAY, ""), school) == day


def test_the_page_offers_the_schools_day(there, monkeypatch):
	school, day = there
	monkeypatch.setattr(
		absence_page.belonging, "of_students", lambda students: dict.fromkeys(students, school)
	)
	child = absence_page.Child("S", "Ana", "Ana", None)
	assert absence_page.first_day([child]) == day
	assert absence_page.first_day([]) == DAY


def test_a_message_says_the_schools_day(there):
	school, day = there
	subject = Subject("one", "", "", "", school=school)
	other = Subject("two", "", "", "")
	said = calendar.provide([subject, other])
	assert (said["one"]["today"], said["two"]["today"]) == (day, DAY)


def test_a_schools_rule_looks_at_the_schools_day_until_it_ends_there(there):
	school, day = there
	rule = frappe._dict(
		school=school, run_at="00:00:00", latest_minutes=0, on_holiday="Run anyway", weekends=1
	)
	always, daily = (frappe._dict(continuous=when, audience=False) for when in (True, False))
	assert scheduler.due_now(rule, always).day == day
	assert scheduler.due_now(rule, daily).day == DAY, "its time is the site's"
	ends = clock.from_db(run.end_of(day, run.zone_of(rule, always)))
	assert ends.astimezone(run.zone_of(rule, always)).replace(tzinfo=None) == datetime(
		day.year, day.month, day.day, 23, 59, 59
	)


@pytest.mark.parametrize("minutes", [-30, 30])
def test_a_late_student_is_expected_by_the_clock_of_the_school(there, minutes):
	school, day = there
	zone = zones.of_schools()[school]
	expected = clock.now().astimezone(zone) + timedelta(minutes=minutes)
	of_day = timedelta(hours=expected.hour, minutes=expected.minute)
	report = frappe._dict(from_day=day, to_day=day, kind=LATE, status=REPORTED, expected_at=of_day)
	found = standing.excuse([report], day, clock.db_now(), zone)
	assert found.holds == (minutes > 0)
	if not found.holds:
		assert found.since == clock.to_db(expected)


def test_without_a_time_it_is_an_hour_after_now_or_the_opening_there(there, monkeypatch):
	school, day = there
	monkeypatch.setattr(reports.belonging, "of_student", lambda student: school)
	now = clock.now().astimezone(zones.of_schools()[school])
	assert reports.expected_by_default(day, "S") == (now + timedelta(hours=1)).time()
	opens = (datetime.min + timedelta(hours=9)).time()
	assert reports.expected_by_default(day + ONE, "S") == opens


def test_the_absence_rule_goes_by_the_clock_of_each_students_school(there, monkeypatch):
	school, _day = there
	monkeypatch.setattr(zones.belonging, "of_students", lambda students: {"S": school})
	zone_of = zones.of_students(["S", "other"])
	assert (zone_of("S"), zone_of("other")) == (zones.of_schools()[school], clock.system_zone())
