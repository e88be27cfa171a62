"""A rule for the whole district goes by the day of each student's school, in whichever time zone it is."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import frappe
import pytest

from school_dialer.automation import run, scheduler
from school_dialer.base import clock
from school_dialer.campaigns.planning import planner
from school_dialer.messages.field import Subject
from school_dialer.messages.providers import attendance
from school_dialer.reporting import absence_check
from tests.integration import districts
from tests.integration import factories as make
from tests.integration.with_carrier import rules
from tests.integration.with_carrier.rules import campaigns_of, cases_of
from tests.integration.with_carrier.running import dial

ONE = timedelta(days=1)
EAST, WEST = "Pacific/Kiritimati", "Pacific/Honolulu"
"""Where it is tomorrow while the site is at school, and where it is yesterday for hours after midnight."""


@pytest.fixture
def away(school_with):
	"""Return a function that puts the first of two students into a school in another time zone.

	It returns the class and a rule for the whole district.
	"""
	with districts.district("There", "Here", committed=True) as (there, here):

		def in_zone(zone: str) -> tuple:
			districts.change(there, time_zone=zone)
			school = school_with(2)
			for child, name in (("C0", there), ("C1", here)):
				frappe.db.set_value("Student", f"{school.tag}-{child}", "dialer_school", name)
			rule = rules.rule(school)
			frappe.db.commit()
			return school, rule

		yield in_zone


def mark(school, child: str, day) -> None:
	"""Mark a student absent on a day. Education refuses one that has not begun on the site."""
	marked = {"date": day, "modified": clock.db_now() - clock.offset()}
	frappe.db.set_value("Student Attendance", school.mark(child), marked, update_modified=False)
	frappe.db.commit()


def deadlines(rule) -> list[datetime]:
	return sorted(frappe.db.get_value("Dialer Campaign", name, "deadline") for name in campaigns_of(rule))


def end_in(day, zone) -> datetime:
	return clock.to_db(datetime.combine(day, time(23, 59, 59), zone))


def test_no_family_hears_today_of_a_day_that_is_over_there(away):
	school, rule = away(EAST)
	mark(school, "C0", rules.today())
	mark(school, "C1", rules.today())
	scheduler.run_rules()
	assert cases_of(rule) == {"C1": "In Campaign"}


def test_an_absence_of_the_schools_day_is_called_about_until_it_ends_there(away):
	school, rule = away(EAST)
	mark(school, "C0", rules.today() + ONE)
	mark(school, "C1", rules.today())
	scheduler.run_rules()
	assert cases_of(rule) == {"C0": "In Campaign", "C1": "In Campaign"}
	here, there = end_in(rules.today(), clock.system_zone()), end_in(rules.today() + ONE, ZoneInfo(EAST))
	assert deadlines(rule) == sorted([here, there])


def test_an_absence_in_the_evening_there_is_called_about_after_midnight_here(away, pass_time):
	school, rule = away(WEST)
	pass_time(hours=-9)
	for child in ("C0", "C1"):
		mark(school, child, rules.today() - ONE)
	scheduler.run_rules()
	assert cases_of(rule) == {"C0": "In Campaign"}
	assert deadlines(rule) == [end_in(rules.today() - ONE, ZoneInfo(WEST))]


def test_what_waits_is_too_late_when_the_day_is_over_there(away, pass_time):
	school, _rule = away(EAST)
	rule = rules.rule(school, grace_minutes=60)
	mark(school, "C0", rules.today() + ONE)
	scheduler.run_rules()
	assert cases_of(rule) == {"C0": "Waiting"}
	pass_time(hours=20)
	frappe.db.sql("update `tabDialer Rule Case` set due_at = %s where rule = %s", (clock.db_now(), rule.name))
	frappe.db.commit()
	scheduler.run_rules()
	assert cases_of(rule) == {"C0": "Too Late"}


def test_the_message_says_the_day_of_the_students_school(away):
	school, _rule = away(EAST)
	days = {"C0": rules.today() + ONE, "C1": rules.today()}
	for child, day in days.items():
		mark(school, child, day)
	guardians = {child: f"{school.tag}-G{child[1:]}" for child in days}
	said = attendance.provide_today(
		[
			Subject(child, "Guardian", guardians[child], "", (f"{school.tag}-{child}",), purpose="Attendance")
			for child in days
		]
	)
	assert {child: said[child]["attendance_date"] for child in days} == days


def test_a_review_is_decided_on_the_day_of_a_school_where_it_is_not_over(away):
	school, rule = away(EAST)
	mark(school, "C0", rules.today() + ONE)
	scheduler.run_rules()
	(name,) = frappe.get_all("Dialer Rule Run", {"rule": rule.name, "found": 1}, pluck="name")
	frappe.db.set_value("Dialer Rule Run", name, "status", run.REVIEW)
	run.approve(name, 1)
	assert frappe.db.get_value("Dialer Rule Run", name, "status") == run.OPEN


def test_staff_see_the_calls_about_the_schools_day(away):
	school, rule = away(EAST)
	mark(school, "C0", rules.today() + ONE)
	scheduler.run_rules()
	(campaign,) = campaigns_of(rule)
	planner.run(campaign)
	found = absence_check.discrepancies_on(rules.today() + ONE)
	assert f"{school.tag}-C0" not in {one.student for one in found}, "the call is under way"


@pytest.mark.parametrize("behaviour", ["presses", "no answer"])
def test_a_mother_of_children_in_two_zones_is_called_about_each_on_the_day_there(
	siblings, carrier, answering, posted, behaviour
):
	(number,) = siblings.phones.values()
	answering(number, behaviour, digits="1")
	with districts.district("There", "Here", committed=True) as (there, here):
		districts.change(there, time_zone=EAST)
		for child, school in (("Ana", there), ("Luis", here)):
			frappe.db.set_value("Student", f"{siblings.tag}-{child}", "dialer_school", school)
		rule = rules.rule(siblings)
		mark(siblings, "Ana", rules.today() + ONE)
		mark(siblings, "Luis", rules.today())
		scheduler.run_rules()
		for campaign in campaigns_of(rule):
			planner.run(campaign)
		dial(carrier)
		about = [row for name in campaigns_of(rule) for row in make.recipients(name, "students", "status")]
	status = "Reached" if behaviour == "presses" else "Not Reached"
	assert len(about) == len(posted(number)) == 2
	assert {row.students for row in about} == {f'["{siblings.tag}-{child}"]' for child in ("Ana", "Luis")}
	assert {row.status for row in about} == {status}
