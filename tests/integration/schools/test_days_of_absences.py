"""Absences and leave count by the day of the student's school, in whichever time zone it is."""

import json
from datetime import datetime, time, timedelta, timezone

import frappe
import pytest

from school_dialer.audience.filters.filters import Filters
from school_dialer.automation import corrections, days, scheduler
from school_dialer.automation.kinds.recurring import Recurring
from school_dialer.base import clock
from school_dialer.campaigns import teacher_messages
from school_dialer.campaigns.corrections import making
from school_dialer.campaigns.plausibility import day_meant
from school_dialer.inbound.absences import reports, standing
from school_dialer.inbound.absences.by_text import day_of
from school_dialer.inbound.absences.intent import TODAY, Intent
from school_dialer.inbound.absences.kinds import LATE, REPORTED
from school_dialer.inbound.conversations import replies
from school_dialer.inbound.conversations.office_hours import Office
from school_dialer.messages.field import Subject
from school_dialer.messages.providers import calendar
from school_dialer.schools import zones
from school_dialer.website import absence_page
from tests.integration.schools.conftest import DAY, ONE


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


def test_a_schools_rule_looks_at_the_schools_day_until_it_ends_there(there, monkeypatch):
	school, day = there
	rule = frappe._dict(
		school=school, run_at="00:00:00", latest_minutes=0, on_holiday="Run anyway", weekends=1
	)
	always, daily = (frappe._dict(continuous=when, audience=False) for when in (True, False))
	assert [due.day for due in scheduler.due_runs(rule, always)] == [day]
	assert [due.day for due in scheduler.due_runs(rule, daily)] == [DAY], "its time is the site's"
	monkeypatch.setattr(days.zones.belonging, "of_students", lambda students: {"S": school})
	(end,) = days.ends_of(frappe._dict(day=day), always, [frappe._dict(student="S")])
	zone = zones.of_schools()[school]
	assert clock.from_db(end).astimezone(zone).replace(tzinfo=None) == datetime(
		day.year, day.month, day.day, 23, 59, 59
	)


def test_a_schools_schedule_runs_by_the_sites_clock(there):
	school, _day = there
	values = {"kind": "Recurring", "cron": "0 * * * *", "weekends": 1, "on_holiday": "Run anyway"}
	rule = frappe._dict(school=school, **values)
	(due,) = scheduler.due_runs(rule, Recurring(rule))
	hours = [clock.to_db(one.since) for one in Recurring(rule).find(due.covers).occasions]
	assert clock.db_now().replace(minute=0, second=0) in hours


def test_a_district_rule_looks_at_each_day_that_it_is_at_its_schools(there):
	_school, day = there
	rule = frappe._dict(school=None)
	always = frappe._dict(continuous=True, audience=False)
	assert [due.day for due in scheduler.due_runs(rule, always)] == sorted({day, DAY})


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


def at_school(school: str, days: int, hour: int) -> datetime:
	"""Return an hour of a day there, so many days from the present one, as a moment."""
	zone = zones.of_schools()[school]
	return datetime.combine(zones.today(school) + days * ONE, time(hour, 45), zone).astimezone(timezone.utc)


def test_a_teacher_says_today_on_the_schools_day_alone(there):
	school, _day = there
	values = {"school": school, "details": "Please come today.", "details_translations": []}
	teacher_messages.refuse_another_day(values, at_school(school, 0, 23))
	with pytest.raises(frappe.ValidationError, match="today"):
		teacher_messages.refuse_another_day(values, at_school(school, 1, 0))


def test_an_answer_says_today_on_the_schools_day_alone(there):
	school, _day = there
	words, now = "She may come today.", clock.db_now()
	assert not replies.of_another_day(words, now, at_school(school, 0, 23), school)
	assert "today" in replies.of_another_day(words, now, at_school(school, 1, 0), school)


def test_a_campaign_that_says_today_ends_with_the_schools_day(there, monkeypatch):
	school, day = there
	monkeypatch.setattr(day_meant.Facts, "of", lambda campaign: frappe._dict(emergency=False))
	monkeypatch.setattr(day_meant, "words_of", lambda facts: ["today"])
	campaign = frappe._dict(name="none", school=school, deadline=None)
	day_meant.end_with_it(campaign, clock.db_now())
	zone = zones.of_schools()[school]
	assert campaign.deadline == clock.to_db(datetime.combine(day, time(23, 59, 59), zone))


def test_a_correction_names_the_time_at_the_school(there):
	school, day = there
	campaign = frappe._dict(name="none", school=school, started_at=clock.db_now())
	now = clock.now().astimezone(zones.of_schools()[school])
	said = making.prepared_words(campaign)["en"]
	assert f"{now:%-I:%M} {now:%p}" in said and f"{day:%B}" not in said


def test_absent_today_means_the_schools_day(there):
	school, day = there
	written = {"only": [{"kind": "Attendance", "status": "Absent", "at_least": 1, "days": 1}]}
	chosen = frappe._dict(school=school, audience_filters=json.dumps(written))
	assert Filters.of(chosen, {"Student": "student"}).day == day
	begun = frappe._dict(chosen, started_at=clock.db_now())
	assert Filters.of(begun, {"Student": "student"}).day == day
	assert Filters.of(frappe._dict(begun, school=None), {"Student": "student"}).day == DAY
