"""A teacher's own groups: the Student Groups whose Instructors name the Instructor of the user.

An Instructor is a user's by its Employee, or by a field of its own that links to User. Neither a Course
Schedule nor an Instructor Log makes a group the teacher's: they also name substitutes and past years.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import frappe

from school_dialer.audience.columns import column, existing
from school_dialer.base import grade_order

GROUP = "Student Group"
NEEDED = (GROUP, "Student Group Instructor", "Student Group Student", "Instructor")
SCHOOL = "dialer_school"


@dataclass(frozen=True, slots=True)
class Group:
	"""One group of a teacher. `school` is the group's, or else the teacher's own; "" if neither has one."""

	name: str
	title: str
	teacher: str
	school: str = ""


def available() -> bool:
	return all(frappe.db.exists("DocType", doctype, cache=True) for doctype in NEEDED)


def of_teachers(users: Collection[str], names: Collection[str] | None = None) -> list[Group]:
	"""Return the groups in use that these users teach, in one query; of `names` only, if given."""
	owners = owner_columns()
	if not (users and owners and available()) or (names is not None and not names):
		return []
	employee = frappe.db.exists("DocType", "Employee", cache=True)
	owner = f"coalesce({', '.join(owners)})"
	rows = frappe.db.sql(
		f"""select distinct team.name, {owner}, {column(GROUP, "team", "student_group_name")},
			coalesce({", ".join(school_columns(bool(employee)))}, '')
		from `tabStudent Group` team
		join `tabStudent Group Instructor` taught
			on taught.parent = team.name and taught.parenttype = 'Student Group'
		join `tabInstructor` instructor on instructor.name = taught.instructor
		{"left join `tabEmployee` employee on employee.name = instructor.employee" if employee else ""}
		where {owner} in %(users)s {in_use(bool(employee))}
			{"and team.name in %(names)s" if names is not None else ""}
		order by team.name""",
		{"users": tuple(users), "names": tuple(names or ())},
	)
	taught = [Group(name, title or name, teacher, school) for name, teacher, title, school in rows]
	return sorted(taught, key=lambda group: grade_order.place(group.title))


def owner_columns() -> list[str]:
	"""Return SQL for the user of an Instructor, best first."""
	direct = [f"nullif(instructor.{field}, '')" for field in existing(("user", "user_id"), "Instructor")]
	by_employee = frappe.db.exists("DocType", "Employee", cache=True) and existing(["employee"], "Instructor")
	return [*direct, *(["nullif(employee.user_id, '')"] if by_employee else [])]


def school_columns(employee: bool) -> list[str]:
	tables = [
		(GROUP, "team"),
		("Instructor", "instructor"),
		*([("Employee", "employee")] if employee else []),
	]
	return [f"nullif({column(doctype, alias, SCHOOL)}, '')" for doctype, alias in tables]


def in_use(employee: bool) -> str:
	"""Return SQL conditions that leave out disabled groups, and instructors who have left."""
	parts = []
	if existing(["disabled"], GROUP):
		parts.append("ifnull(team.disabled, 0) = 0")
	if existing(["status"], "Instructor"):
		parts.append("ifnull(instructor.status, 'Active') = 'Active'")
	if employee and existing(["status"], "Employee"):
		parts.append("ifnull(employee.status, 'Active') = 'Active'")
	return "".join(f" and {part}" for part in parts)


def find(user: str, name: str) -> Group | None:
	"""Return this group if the user teaches it."""
	taught = of_teachers([user], [name])
	return taught[0] if taught else None


def students(group: str, joined_before: datetime | None = None) -> dict[str, str]:
	"""Return {student: full name} of the group's active members, by name.

	`joined_before` (naive, site time) leaves out those who were added later.
	"""
	rows = frappe.db.sql(
		"""select student.name, ifnull(student.student_name, student.name)
		from `tabStudent Group Student` member join `tabStudent` student on student.name = member.student
		where member.parent = %(group)s and member.parenttype = 'Student Group' and member.active = 1
		and (%(before)s is null or member.creation <= %(before)s)
		order by 2""",
		{"group": group, "before": joined_before},
	)
	return dict(rows)
