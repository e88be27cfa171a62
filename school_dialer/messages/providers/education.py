"""Students as the Education app knows them: names, program, groups and their teachers."""

from collections import defaultdict
from typing import Any

import frappe
from frappe.query_builder import DocType

from school_dialer.messages.model import PERSONAL, Field, Name, PerStudent, Subject, provides
from school_dialer.messages.providers.family import Families, has

EXAMPLE = (("example-1", Name("Ana")), ("example-2", Name("Luis")))
"""The two students of every preview with example values."""


def example(ana: Any, luis: Any) -> PerStudent:
	return PerStudent(
		tuple((key, name, value) for (key, name), value in zip(EXAMPLE, (ana, luis), strict=True))
	)


def about_each(
	name: str,
	label: str,
	type: str,
	sensitivity: str,
	source: str,
	ana: Any,
	luis: Any = None,
	records: str = "",
) -> Field:
	"""Return a field each student has their own value for. Without a second example, both have the same."""
	examples = example(ana, ana if luis is None else luis)
	return Field(
		name,
		label,
		type,
		sensitivity,
		source,
		examples,
		about_student=True,
		per_student=True,
		records=records,
	)


STUDENT_NAMES = about_each(
	"student_names",
	"First names of the students",
	"name",
	PERSONAL,
	"Student.first_name",
	Name("Ana"),
	Name("Luis"),
)
STUDENT_FULL_NAMES = about_each(
	"student_full_names",
	"Full names of the students",
	"name",
	PERSONAL,
	"Student.student_name",
	Name("Ana Lopez"),
	Name("Luis Lopez"),
)
PROGRAM = about_each("program", "Programme", "text", PERSONAL, "Program Enrollment.program", "Grade 5")
ACADEMIC_YEAR = about_each(
	"academic_year", "Academic year", "text", PERSONAL, "Program Enrollment.academic_year", "2026-27"
)
STUDENT_GROUP = about_each(
	"student_group",
	"Student group",
	"list",
	PERSONAL,
	"Student Group.student_group_name",
	("Grade 5 A",),
	("Grade 3 B",),
)
TEACHERS = about_each(
	"group_instructors",
	"Instructors of the student's groups",
	"list",
	PERSONAL,
	"Student Group Instructor.instructor_name",
	("Grace Kim",),
	("Omar Haddad",),
	records="Student Group",
)


@provides(STUDENT_NAMES, STUDENT_FULL_NAMES)
def provide_names(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	families = Families.of(subjects)
	full = {student: pupil.full_name for student, pupil in families.pupils.items()}
	return {
		subject.key: {
			"student_names": families.names(subject),
			"student_full_names": families.personal(subject, full),
		}
		for subject in subjects
	}


@provides(PROGRAM, ACADEMIC_YEAR)
def provide_enrolment(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	families = Families.of(subjects)
	programs, years = read_enrolments(families.students)
	return {
		subject.key: {
			"program": families.personal(subject, programs),
			"academic_year": families.personal(subject, years),
		}
		for subject in subjects
	}


@provides(STUDENT_GROUP, TEACHERS)
def provide_groups(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	families = Families.of(subjects)
	groups = read_groups(families.students)
	instructors = read_instructors({group for groups_ in groups.values() for group in groups_})
	names = {student: list(titles.values()) for student, titles in groups.items()}
	taught = {
		student: list(dict.fromkeys(name for group in titles for name in instructors.get(group, ())))
		for student, titles in groups.items()
	}
	return {
		subject.key: {
			"student_group": families.personal(subject, names),
			"group_instructors": families.personal(subject, taught),
		}
		for subject in subjects
	}


def read_enrolments(students: list[str]) -> tuple[dict[str, str], dict[str, str]]:
	"""Return each student's program and academic year, from their latest submitted enrollment."""
	if not students or not has("Program Enrollment"):
		return {}, {}
	rows = frappe.get_all(
		"Program Enrollment",
		filters={"student": ("in", students), "docstatus": 1},
		fields=["student", "program", "academic_year"],
		order_by="enrollment_date asc, name asc",
	)
	return {row.student: row.program for row in rows}, {row.student: row.academic_year for row in rows}


def read_groups(students: list[str]) -> dict[str, dict[str, str]]:
	"""Return the name and title of the groups each student is an active member of."""
	if not students or not has("Student Group", "Student Group Student"):
		return {}
	group, member = DocType("Student Group"), DocType("Student Group Student")
	rows = (
		frappe.qb.from_(member)
		.join(group)
		.on(group.name == member.parent)
		.select(member.student, group.name, group.student_group_name)
		.where((member.active == 1) & (group.disabled == 0) & member.student.isin(students))
		.orderby(group.student_group_name)
		.run()
	)
	groups = defaultdict(dict)
	for student, name, title in rows:
		groups[student][name] = title
	return groups


def read_instructors(groups: set[str]) -> dict[str, list[str]]:
	if not groups or not has("Student Group Instructor"):
		return {}
	rows = frappe.get_all(
		"Student Group Instructor",
		filters={"parent": ("in", sorted(groups)), "parenttype": "Student Group"},
		fields=["parent", "instructor_name"],
		order_by="parent, idx",
	)
	instructors = defaultdict(list)
	for row in rows:
		instructors[row.parent].append(row.instructor_name)
	return instructors
