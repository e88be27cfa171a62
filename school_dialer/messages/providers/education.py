"""Students as the Education app knows them: names, programme, groups, attendance.

Only students of the subject are read, and of those only the ones whose record says so now: a guardian must be linked on the
student's own form, not barred by court order, and for educational fields allowed to receive records. The audience has asked
the same; this is the second lock (34 CFR 99.4, 99.12).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import frappe
from frappe.query_builder import DocType

from school_dialer import clock
from school_dialer.messages.model import EDUCATIONAL, PERSONAL, Field, Subject, provides

BARRED = "None by Court Order"

STUDENT_NAMES = Field(
	"student_names",
	"First names of the students",
	"list",
	PERSONAL,
	"Student.first_name",
	("Ana", "Luis"),
	about_student=True,
)
STUDENT_FULL_NAMES = Field(
	"student_full_names",
	"Full names of the students",
	"list",
	PERSONAL,
	"Student.student_name",
	("Ana Lopez", "Luis Lopez"),
	about_student=True,
)
PROGRAM = Field(
	"program",
	"Programme",
	"list",
	PERSONAL,
	"Program Enrollment.program",
	("Grade 5",),
	about_student=True,
)
STUDENT_GROUP = Field(
	"student_group",
	"Student group",
	"list",
	PERSONAL,
	"Student Group.student_group_name",
	("Grade 5 A",),
	about_student=True,
)
ATTENDANCE_DATE = Field(
	"attendance_date",
	"Date of the absence (today)",
	"date",
	EDUCATIONAL,
	"Student Attendance.date",
	date(2026, 3, 9),
	about_student=True,
)
ABSENT_NAMES = Field(
	"absent_names",
	"First names of the students absent today",
	"list",
	EDUCATIONAL,
	"Student Attendance.student",
	("Ana",),
	about_student=True,
)


@dataclass(slots=True)
class Links:
	"""Who may hear of whom: (guardian, student) pairs, and those of them who may receive educational records."""

	known: set[tuple[str, str]] = field(default_factory=set)
	records: set[tuple[str, str]] = field(default_factory=set)


@provides(STUDENT_NAMES, STUDENT_FULL_NAMES, PROGRAM, STUDENT_GROUP, ATTENDANCE_DATE, ABSENT_NAMES)
def provide(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	if not has("Student"):
		return {}
	students = {student for subject in subjects for student in subject.students}
	students |= {subject.person for subject in subjects if subject.person_doctype == "Student"}
	if not students:
		return {}
	today = clock.db_now().date()
	names = read_students(students)
	links = read_links(students)
	programs = read_programs(students)
	groups = read_groups(students)
	absent = read_absent(students, today)
	values = {}
	for subject in subjects:
		may_name = [student for student in about(subject, links.known) if student in names]
		missing = [
			student for student in about(subject, links.records) if student in absent and student in names
		]
		values[subject.key] = {
			"student_names": [names[student][0] for student in may_name],
			"student_full_names": [names[student][1] for student in may_name],
			"program": each(may_name, programs),
			"student_group": each(may_name, groups),
			"attendance_date": today if missing else None,
			"absent_names": [names[student][0] for student in missing],
		}
	return values


def about(subject: Subject, links: set[tuple[str, str]]) -> list[str]:
	"""The students this subject may hear of: a guardian's own, or the student's own self."""
	if subject.person_doctype == "Student":
		return [subject.person]
	if subject.person_doctype == "Guardian":
		return [student for student in subject.students if (subject.person, student) in links]
	return []


def each(students: Iterable[str], values: dict[str, list[str]]) -> list[str]:
	return list(dict.fromkeys(value for student in students for value in values.get(student, ())))


def has(*doctypes: str) -> bool:
	return all(frappe.db.exists("DocType", doctype, cache=True) for doctype in doctypes)


def read_students(students: set[str]) -> dict[str, tuple[str, str]]:
	"""First and full name of each."""
	rows = frappe.get_all(
		"Student",
		filters={"name": ("in", sorted(students))},
		fields=["name", "first_name", "student_name"],
		order_by="name",
	)
	return {
		row.name: (row.first_name or row.student_name, row.student_name or row.first_name) for row in rows
	}


def read_links(students: set[str]) -> Links:
	if not has("Student Guardian"):
		return Links()
	meta = frappe.get_meta("Student Guardian")
	link = DocType("Student Guardian")
	query = (
		frappe.qb.from_(link)
		.select(link.guardian, link.parent.as_("student"))
		.where((link.parenttype == "Student") & link.parent.isin(sorted(students)))
	)
	if meta.has_field("dialer_contact_permission"):
		query = query.select(link.dialer_contact_permission)
	if meta.has_field("dialer_may_receive_records"):
		query = query.select(link.dialer_may_receive_records)
	found, barred = Links(), set()
	for row in query.run(as_dict=True):
		pair = (row.guardian, row.student)
		found.known.add(pair)
		if row.get("dialer_may_receive_records", 1):
			found.records.add(pair)
		if row.get("dialer_contact_permission") == BARRED:
			barred.add(pair)
	return Links(found.known - barred, found.records - barred)


def read_programs(students: set[str]) -> dict[str, list[str]]:
	"""The latest submitted enrolment of each."""
	if not has("Program Enrollment"):
		return {}
	rows = frappe.get_all(
		"Program Enrollment",
		filters={"student": ("in", sorted(students)), "docstatus": 1},
		fields=["student", "program"],
		order_by="enrollment_date asc, name asc",
	)
	return {row.student: [row.program] for row in rows}


def read_groups(students: set[str]) -> dict[str, list[str]]:
	if not has("Student Group", "Student Group Student"):
		return {}
	group, member = DocType("Student Group"), DocType("Student Group Student")
	rows = (
		frappe.qb.from_(member)
		.join(group)
		.on(group.name == member.parent)
		.select(member.student, group.student_group_name)
		.where((member.active == 1) & (group.disabled == 0) & member.student.isin(sorted(students)))
		.orderby(group.student_group_name)
		.run()
	)
	groups = defaultdict(list)
	for student, name in rows:
		groups[student].append(name)
	return groups


def read_absent(students: set[str], day: date) -> set[str]:
	"""Students with a submitted absence on the day. Corrected since means cancelled, so no longer here."""
	if not has("Student Attendance"):
		return set()
	rows = frappe.get_all(
		"Student Attendance",
		filters={"student": ("in", sorted(students)), "date": day, "status": "Absent", "docstatus": 1},
		fields=["student"],
		order_by="student",
	)
	return {row.student for row in rows}
