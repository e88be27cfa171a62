"""A teacher in a district: in whose name the message is, and which manager decides on it."""

import frappe
import pytest

from school_dialer.base import states
from school_dialer.base.roles import MANAGER
from school_dialer.campaigns import notifications, teacher_messages
from school_dialer.campaigns.teachers import words
from school_dialer.desk.teachers import approvals
from school_dialer.schools import registry
from tests.integration import districts
from tests.integration.with_carrier.campaigns.teachers.classroom import (
	USERS,
	as_user,
	begin,
	settle,
	state,
	template,
	user,
)


@pytest.fixture
def schools(lesson) -> tuple[str, str]:
	names = districts.school("North").name, districts.school("South").name
	frappe.db.commit()
	yield names
	frappe.db.rollback()
	for table in ("Student Group", "Instructor", "Student"):
		frappe.db.sql(f"update `tab{table}` set dialer_school = null where dialer_school in %s", (names,))
	frappe.db.sql("update `tabDialer Campaign` set school = null where school in %s", (names,))
	frappe.db.sql("update `tabDialer Message Template` set school = null where school in %s", (names,))
	for name in names:
		frappe.db.delete("User Permission", {"for_value": name})
		frappe.db.delete(registry.DOCTYPE, {"name": name})
	registry.forget()
	frappe.db.commit()


def belongs(lesson, school: str) -> None:
	frappe.db.set_value("Student Group", lesson.group, "dialer_school", school)
	for place in range(len(lesson.numbers)):
		frappe.db.set_value("Student", lesson.group_class.student(place), "dialer_school", school)
	frappe.db.commit()


def manager_of(*schools: str) -> str:
	name = user(MANAGER)
	for school in schools:
		districts.permit(name, school)
	frappe.db.commit()
	assert name in USERS
	return name


def test_the_schools_manager_decides_and_no_other(lesson, schools):
	north, south = schools
	settle(teachers_need_approval=1)
	belongs(lesson, north)
	name = lesson.send()
	assert frappe.db.get_value("Dialer Campaign", name, "school") == north
	ours, other, everyone = manager_of(north), manager_of(south), manager_of()
	seen = frappe.db.get_value("Dialer Campaign", name, "asked_digest")
	doc = frappe.db.get_value("Dialer Campaign", name, ["*"], as_dict=True)
	heard = notifications.concerned(doc, states.AWAITING)
	assert {ours, everyone} <= heard and other not in heard
	assert name not in {row["name"] for row in as_user(other, approvals.waiting)}
	(refused,) = as_user(other, lambda: approvals.approve({name: seen}))
	assert refused["problem"] and state(name)[0] == states.AWAITING
	assert name in {row["name"] for row in as_user(ours, approvals.waiting)}
	(done,) = as_user(ours, lambda: approvals.approve({name: seen}))
	assert done["problem"] == "" and state(name)[0] == states.PREPARING


def test_the_teachers_school_where_the_group_has_none(lesson, schools):
	with pytest.raises(frappe.ValidationError, match="not known to which school"):
		lesson.send()
	frappe.db.rollback()
	belongs(lesson, schools[1])
	frappe.db.set_value("Student Group", lesson.group, "dialer_school", None)
	frappe.db.set_value("Instructor", lesson.instructor, "dialer_school", schools[1])
	frappe.db.commit()
	assert frappe.db.get_value("Dialer Campaign", lesson.send(), "school") == schools[1]


def test_not_for_another_school(lesson, schools):
	north, south = schools
	belongs(lesson, north)
	districts.permit(lesson.teacher, south)
	frappe.db.commit()
	with pytest.raises(frappe.PermissionError):
		lesson.send()


def test_held_back_when_the_teacher_changes_schools(lesson, schools):
	north, south = schools
	belongs(lesson, north)
	name = lesson.send()
	districts.permit(lesson.teacher, south)
	begin(name)
	assert state(name)[0] == states.PAUSED and "school" in state(name)[1]


def test_words_are_shown_in_the_schools_name_and_language(lesson, schools):
	north = schools[0]
	settle(teachers_need_approval=1)
	belongs(lesson, north)
	districts.change(north, caller_identity="North Middle School", default_language="es")
	shown = as_user(
		lesson.teacher, lambda: teacher_messages.preview(lesson.teacher, lesson.asked(channel="Voice"))
	)
	assert shown["messages"][0]["language"] == "es"
	lesson.send(channel="Voice")
	(waiting,) = as_user(manager_of(north), approvals.waiting)
	for one in (*shown["messages"], *waiting["messages"]):
		assert "North Middle School" in one["message"]


def test_messages_of_another_school_are_not_offered(lesson, schools):
	north, south = schools
	ours, theirs = template(), template()
	frappe.db.set_value("Dialer Message Template", ours, "school", north)
	frappe.db.set_value("Dialer Message Template", theirs, "school", south)
	assert ours in words.offered(north) and theirs not in words.offered(north)
	assert lesson.template in words.offered(north)
