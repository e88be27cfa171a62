"""A teacher sees when the families of their own students were reached, and nothing else of anyone."""

import frappe
import pytest

from school_dialer.desk.teachers import messages
from school_dialer.reporting.reach import counting
from school_dialer.school_dialer.report.student_reach import student_reach
from tests.integration import districts
from tests.integration.reporting.reach.worlds import World
from tests.integration.roles import teaching


@pytest.fixture
def taught():
	"""Return a world, a teacher, and the name of a group that the teacher teaches, of ten of its students."""
	world = World(21, (None,), 20)
	world.open()
	world.count()
	teacher = districts.user(("Dialer Teacher",))
	group = teaching.of_teacher(teacher)["group"]
	for one in world.children[:10]:
		row = {"parent": group, "parenttype": "Student Group", "parentfield": "students"}
		teaching.bare("Student Group Student", frappe.generate_hash(), student=one.name, active=1, **row)
	frappe.set_user(teacher)
	yield world, group
	frappe.set_user("Administrator")


def test_a_teacher_sees_the_days_of_their_own_students(taught):
	world, group = taught
	days = {one.name: max(one.reached)[0].date() if one.reached else None for one in world.children[:10]}
	rows = messages.reach(group)
	assert {row["student"]: row["reached_on"] for row in rows} == days
	assert {key for row in rows for key in row} == {"student", "reached_on"}
	never = [row["reached_on"] is None for row in rows]
	assert never == sorted(never, reverse=True)


def test_a_teacher_sees_no_other_group_and_no_report(taught):
	world, _group = taught
	for name in (world.group, "no such group", "' or 1=1 -- "):
		with pytest.raises(frappe.PermissionError):
			messages.reach(name)
	assert not frappe.has_permission(counting.DOCTYPE, "read")
	for report in ("Student Reach", "Reach by Group"):
		with pytest.raises(frappe.PermissionError):
			frappe.call("frappe.desk.query_report.run", report_name=report, filters="{}")
	assert student_reach.execute({"since": world.since, "show": "All"})[1] == []


def test_who_is_no_teacher_is_refused(taught):
	_world, group = taught
	frappe.set_user(districts.user(("Dialer Agent",)))
	with pytest.raises(frappe.PermissionError):
		messages.reach(group)
