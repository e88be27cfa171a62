"""What a message says of lessons, fees, and absences goes by the clock of each student's school."""

import secrets
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.base import clock
from school_dialer.messages import context
from school_dialer.messages.field import PerStudent, Subject
from tests.integration import districts

pytestmark = pytest.mark.dates

TODAY = date(2026, 3, 11)
ONE = timedelta(days=1)
EAST, WEST = "Pacific/Kiritimati", "Pacific/Honolulu"
"""Where it is tomorrow while it is noon on the site, and where it is still morning."""


@pytest.fixture(autouse=True)
def noon(monkeypatch):
	now = clock.from_db(datetime.combine(TODAY, time(12)))
	monkeypatch.setattr(clock, "now", lambda: now)


@pytest.fixture
def away(family):
	"""Return a function that puts Ana into a school in another time zone, and Luis into one of the site's."""
	with districts.district("There", "Here") as (there, here):

		def in_zone(zone: str) -> None:
			school = frappe.get_doc("Dialer School", there)
			school.time_zone = zone
			school.save()
			frappe.db.set_value("Student", family.ana, "dialer_school", there)
			frappe.db.set_value("Student", family.luis, "dialer_school", here)

		yield in_zone


def of_each(family, name: str) -> list:
	"""Return the values for Ana and for Luis."""
	one = Subject("k", "Guardian", family.mother, "Maria", (family.ana, family.luis))
	value = context.read_values([one], [name])["k"][name]
	assert isinstance(value, PerStudent)
	return [value.of(family.ana), value.of(family.luis)]


def record(**values) -> dict:
	return {"name": secrets.token_hex(5), **values}


def test_the_next_lesson_is_the_next_one_at_the_school(family, away):
	away(WEST)
	group = f"Both {family.tag}"
	members = [{"student": student, "active": 1} for student in (family.ana, family.luis)]
	Bulk().insert("Student Group", [{"name": group, "student_group_name": group, "students": members}])
	there = clock.now().astimezone(ZoneInfo(WEST))
	soon = (there + timedelta(hours=1)).time()
	lessons = (("Art", soon), ("Music", time(14)))
	rows = [
		record(student_group=group, course=course, schedule_date=TODAY, from_time=begin)
		for course, begin in lessons
	]
	Bulk().insert("Course Schedule", rows)
	assert there.date() == TODAY and soon < time(12)
	assert of_each(family, "next_lesson") == ["Art", "Music"]


def test_a_fee_is_late_once_its_day_is_over_at_the_school(family, away):
	away(EAST)
	of_each_student = [
		record(student=student, outstanding_amount=20, due_date=TODAY, docstatus=1, currency="USD")
		for student in (family.ana, family.luis)
	]
	Bulk().insert("Fees", of_each_student)
	late = of_each(family, "fee_overdue")
	assert late[0].amount == 20 and late[1] is None


def test_the_last_seven_days_are_those_of_the_school(family, away):
	away(EAST)
	days = [TODAY - 6 * ONE, TODAY - 5 * ONE, TODAY + ONE]
	rows = [
		record(student=student, date=day, status="Absent", docstatus=1)
		for student in (family.ana, family.luis)
		for day in days[: 3 if student == family.ana else 2]
	]
	Bulk().insert("Student Attendance", rows)
	assert of_each(family, "absence_dates") == [days[1:], days[:2]]
