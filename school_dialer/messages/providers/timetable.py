"""The next lesson and exam of each student, through the groups they are in, or those that a rule noticed."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

import frappe

from school_dialer.base import clock
from school_dialer.messages.model import EDUCATIONAL, Field, Subject, provides
from school_dialer.messages.providers.case_records import CaseRecords
from school_dialer.messages.providers.education import about_each
from school_dialer.messages.providers.family import Families, has, has_field
from school_dialer.schools import zones

AHEAD = timedelta(days=60)
"""Anything further away is not "next" to anyone and need not be read."""


def fields_of(
	prefix: str, doctype: str, what: str, title: str, extra: Iterable[Field] = ()
) -> tuple[Field, ...]:
	return (
		about_each(f"next_{prefix}", what, "text", EDUCATIONAL, f"{doctype}.{title}", "Mathematics", "Music"),
		about_each(
			f"next_{prefix}_date",
			f"{what}: day",
			"date",
			EDUCATIONAL,
			f"{doctype}.schedule_date",
			date(2026, 3, 10),
			date(2026, 3, 11),
		),
		about_each(
			f"next_{prefix}_time",
			f"{what}: time",
			"time",
			EDUCATIONAL,
			f"{doctype}.from_time",
			time(8, 30),
			time(10, 0),
		),
		about_each(
			f"next_{prefix}_room",
			f"{what}: room",
			"text",
			EDUCATIONAL,
			f"{doctype}.room",
			"Room 12",
			"Room 4",
		),
		*extra,
	)


LESSON = fields_of(
	"lesson",
	"Course Schedule",
	"Next lesson",
	"course",
	(
		about_each(
			"next_lesson_instructor",
			"Next lesson: instructor",
			"text",
			EDUCATIONAL,
			"Course Schedule.instructor_name",
			"Grace Kim",
			"Omar Haddad",
		),
	),
)
EXAM = fields_of("exam", "Assessment Plan", "Next examination", "course")


@provides(*LESSON)
def provide_lessons(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	return provide_next(subjects, "Course Schedule", "lesson", "")


@provides(*EXAM)
def provide_exams(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	return provide_next(subjects, "Assessment Plan", "exam", " and plan.docstatus = 1")


def provide_next(
	subjects: list[Subject], doctype: str, prefix: str, condition: str
) -> dict[str, dict[str, Any]]:
	families, noticed = Families.of(subjects), CaseRecords.of(subjects, doctype)
	plans = read_next(families.students, doctype, condition, noticed.names)
	columns = {
		f"next_{prefix}": "course",
		f"next_{prefix}_date": "schedule_date",
		f"next_{prefix}_time": "from_time",
		f"next_{prefix}_room": "room",
		f"next_{prefix}_instructor": "instructor_name",
	}
	values = {}
	for subject in subjects:
		chosen = noticed.chosen(subject, plans, lambda plan: plan.place == 1)
		values[subject.key] = families.educational_columns(subject, chosen, columns)
	return values


def read_next(
	students: list[str], doctype: str, condition: str, names: list[str]
) -> dict[str, list[frappe._dict]]:
	"""Return what has not begun of each student's active groups: the first (``place`` 1) and these names.

	Whether it has begun says the clock of the student's school. Takes one query for each time zone.
	"""
	by_student = defaultdict(list)
	if not students or not has(doctype, "Student Group", "Student Group Student"):
		return by_student
	for zone, pupils in zones.grouped(students).items():
		for row in read_after(clock.now().astimezone(zone), pupils, doctype, condition, names):
			by_student[row.student].append(row)
	return by_student


def read_after(
	now: datetime, students: list[str], doctype: str, condition: str, names: list[str]
) -> list[frappe._dict]:
	"""Return what `read_next` does of students at whose school it is now this time."""
	room = "room.room_name" if has("Room") else "plan.room"
	join = " left join `tabRoom` room on room.name = plan.room" if has("Room") else ""
	instructor = "plan.instructor_name" if has_field(doctype, "instructor_name") else "null"
	return frappe.db.sql(
		f"""select * from (
			select plan.name, member.student, plan.course, plan.schedule_date, plan.from_time, {room} room,
				{instructor} instructor_name,
				row_number() over (
					partition by member.student order by plan.schedule_date, plan.from_time, plan.name
				) place
			from `tabStudent Group Student` member
			join `tabStudent Group` grp on grp.name = member.parent and grp.disabled = 0
			join `tab{doctype}` plan on plan.student_group = grp.name{condition}{join}
			where member.active = 1 and member.student in %(students)s
				and plan.schedule_date between %(today)s and %(last)s
				and (plan.schedule_date > %(today)s or plan.from_time > %(now)s)
		) upcoming where place = 1 or name in %(names)s order by student, place""",
		{
			"students": tuple(students),
			"names": tuple(names),
			"today": now.date(),
			"last": now.date() + AHEAD,
			"now": now.time().replace(microsecond=0),
		},
		as_dict=True,
	)
