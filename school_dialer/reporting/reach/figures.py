"""Counts of students: consented, reached and answered since a day, by school, program, language or group.

One statement for a list, whatever the number of students. A school's user gets the students of their
schools; a user whose records of students are narrowed in another way, those whom they may read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import frappe

from school_dialer.audience import student_access
from school_dialer.audience.columns import existing
from school_dialer.schools import belonging
from school_dialer.schools import rows as school_rows

SCHOOL, PROGRAM, LANGUAGE, GROUP = BY = ("School", "Program", "Language", "Student Group")
FILTERS = {"school": SCHOOL, "program": PROGRAM, "language": LANGUAGE, "student_group": GROUP}
MEMBER = """select member.student from `tabStudent Group Student` member
	where member.parenttype = 'Student Group' and member.active = 1 and member.parent = %(student_group)s"""
ROWS = "from `tabDialer Reach` reach"
ROWS_OF_GROUPS = """from (select distinct parent, student from `tabStudent Group Student`
		where parenttype = 'Student Group' and active = 1) team
	join `tabDialer Reach` reach on reach.name = team.student"""
"""A student group may list a student twice."""
COUNTED = (
	"reach.consented = 1",
	"reach.reached_at >= %(since)s",
	"reach.answered_at >= %(since)s",
	"reach.consented = 0 and reach.mail_guardian = ''",
)
"""What is counted besides the students, in the order of `Figures`."""
# A sum would be of decimals, which MariaDB adds much slower.
EACH = ", ".join(("count(*)", *(f"count(if({condition}, 1, null))" for condition in COUNTED)))


@dataclass(frozen=True, slots=True)
class Figures:
	"""Students of one group. `unreachable` are those without consent and without an e-mail address."""

	students: int = 0
	consented: int = 0
	reached: int = 0
	answered: int = 0
	unreachable: int = 0

	def __add__(self, other: "Figures") -> "Figures":
		return Figures(*(getattr(self, name) + getattr(other, name) for name in Figures.__slots__))

	@property
	def not_reached(self) -> int:
		return self.students - self.reached


def ready() -> bool:
	"""Return whether the site has students and their guardians on record."""
	return all(
		frappe.db.exists("DocType", doctype, cache=True) for doctype in ("Student", "Student Guardian")
	)


def offered() -> list[str]:
	lists = [SCHOOL] if existing([belonging.FIELD], "Student") else []
	needed = {PROGRAM: "Program Enrollment", LANGUAGE: "Guardian", GROUP: "Student Group Student"}
	return lists + [by for by, doctype in needed.items() if frappe.db.exists("DocType", doctype, cache=True)]


def total(since: date, filters: Mapping[str, str], readable: bool = False) -> Figures:
	"""Return the figures of all students that `filters` leave, each once."""
	return counted("", since, filters, readable).get("", Figures())


def counted(by: str, since: date, filters: Mapping[str, str], readable: bool = False) -> dict[str, Figures]:
	"""Return the figures of each group: "" is that of students without a school, or without a program.

	`filters` may have school, program, language and student_group. `readable` leaves only students whose
	records the user may read. A student in two student groups counts in both.
	"""
	if not ready():
		return {}
	key = {
		SCHOOL: school_column(),
		PROGRAM: "ifnull(reach.program, '')",
		LANGUAGE: "reach.language",
		GROUP: "team.parent",
	}.get(by, "''")
	rows = frappe.db.sql(
		f"""select {key}, {EACH}
		{ROWS_OF_GROUPS if by == GROUP else ROWS} join `tabStudent` on `tabStudent`.name = reach.name
		where `tabStudent`.enabled = 1{narrowed(filters)}
			{visible(readable)}
		group by 1""",
		{**filters, "since": since},
	)
	return {group: Figures(*map(int, numbers)) for group, *numbers in rows if numbers[0]}


def school_column() -> str:
	return f"ifnull(`tabStudent`.{belonging.FIELD}, '')" if existing([belonging.FIELD], "Student") else "''"


def narrowed(filters: Mapping[str, str]) -> str:
	"""Return the conditions of the filters that are set, for the end of a query."""
	parts = {
		"school": f"{school_column()} = %(school)s",
		"program": "reach.program = %(program)s",
		"language": "reach.language = %(language)s",
		"student_group": f"reach.name in ({MEMBER})",
	}
	return "".join(f" and {parts[name]}" for name in FILTERS if filters.get(name))


def visible(readable: bool) -> str:
	"""Return the condition for the students that the user's figures are about, for the end of a query."""
	condition = student_access.matching(student_access.STUDENT)
	if condition == student_access.NO_ROWS and not readable:
		condition = school_rows.of_student()
	return f" and ({condition.replace('%', '%%')})" if condition else ""
