"""Which schools a student may belong to on a day, by other apps' hooks, programs, and groups."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import frappe

from school_dialer.schools import belonging, registry

HOOK = "dialer_school_of"
"""Dotted paths, called with a list of student names and a date. Each returns {student: school or schools}."""
BY_HOOK, BY_PROGRAM, BY_GROUP = "Hook", "Program", "Group"


@dataclass(frozen=True, slots=True)
class Candidates:
	"""Where a student's school comes from, and the schools in question, the most likely one first."""

	source: str
	schools: tuple[str, ...]


def candidates_of(students: Collection[str], day: date) -> dict[str, Candidates]:
	"""Return the candidates of these students on this day; a student without any is left out.

	A hook counts before programs, and a program before groups. Only schools in use count. Runs a fixed
	number of queries.
	"""
	candidates: dict[str, Candidates] = {}
	for source, read in ((BY_HOOK, by_hooks), (BY_PROGRAM, by_programs), (BY_GROUP, by_groups)):
		left = [student for student in students if student not in candidates]
		if left:
			candidates |= {
				student: Candidates(source, schools) for student, schools in gathered(read(left, day)).items()
			}
	return candidates


def gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
	"""Return {student: its schools in use}, each once and in order."""
	in_use, by_student = registry.schools(), {}
	for student, school in pairs:
		if school in in_use:
			by_student.setdefault(student, {})[school] = None
	return {student: tuple(schools) for student, schools in by_student.items()}


def by_hooks(students: list[str], day: date) -> list[tuple[str, str]]:
	asked, pairs = set(students), []
	for path in frappe.get_hooks(HOOK):
		for student, schools in answer_of(path, students, day).items():
			if student in asked:
				several = [schools] if isinstance(schools, str) else schools or ()
				pairs += [(student, school) for school in several]
	return pairs


def answer_of(path: str, students: list[str], day: date) -> Mapping:
	return frappe.get_attr(path)(list(students), day) or {}


def by_programs(students: list[str], day: date) -> list[tuple[str, str]]:
	"""Return (student, school) of the programs they are enrolled in on this day, the newest first."""
	if not (readable("Program") and readable("Program Enrollment", "student")):
		return []
	return frappe.db.sql(
		"""select enrolment.student, program.dialer_school
		from `tabProgram Enrollment` enrolment
		join `tabProgram` program on program.name = enrolment.program
		left join `tabAcademic Year` year on year.name = enrolment.academic_year
		where enrolment.student in %(students)s and enrolment.docstatus = 1
			and ifnull(program.dialer_school, '') != ''
			and (enrolment.enrollment_date is null or enrolment.enrollment_date <= %(day)s)
			and (year.year_end_date is null or year.year_end_date >= %(day)s)
			and (year.year_start_date is null or year.year_start_date <= %(day)s)
		order by enrolment.enrollment_date desc, enrolment.creation desc, enrolment.name desc""",
		{"students": tuple(students), "day": day},
	)


def by_groups(students: list[str], day: date) -> list[tuple[str, str]]:
	"""Return (student, school) of the groups they are active members of on this day, the newest first."""
	if not (readable("Student Group") and readable("Student Group Student", "student")):
		return []
	return frappe.db.sql(
		"""select member.student, grp.dialer_school
		from `tabStudent Group Student` member
		join `tabStudent Group` grp on grp.name = member.parent and member.parenttype = 'Student Group'
		left join `tabAcademic Year` year on year.name = grp.academic_year
		where member.student in %(students)s and member.active = 1 and ifnull(grp.disabled, 0) = 0
			and ifnull(grp.dialer_school, '') != ''
			and (year.year_end_date is null or year.year_end_date >= %(day)s)
			and (year.year_start_date is null or year.year_start_date <= %(day)s)
		order by grp.creation desc, grp.name desc""",
		{"students": tuple(students), "day": day},
	)


def readable(doctype: str, field: str = belonging.FIELD) -> bool:
	return bool(frappe.db.table_exists(doctype)) and frappe.db.has_column(doctype, field)
