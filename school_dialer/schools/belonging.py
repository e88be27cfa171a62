"""To which school a student, and a person, belongs: the field School on their record.

A student's field is filled by staff, by a roster, or from the student's program and groups
(`schools.placement`). With one school everyone belongs to it.
"""

from collections.abc import Collection

import frappe

from school_dialer.schools import registry

FIELD = "dialer_school"
PEOPLE = ("Student", "Instructor", "Employee", "Contact")
"""DocTypes of people who have a school of their own. A guardian's are those of the students."""


def of_students(students: Collection[str]) -> dict[str, str]:
	"""Return the school of each of these students who has one, in one query; empty outside a district."""
	return of_records("Student", students)


def of_student(student: str) -> str | None:
	"""Return the school of one student, like `of_students`."""
	return of_students([student]).get(student)


def students_of(schools: Collection[str]) -> set[str]:
	"""Return the current students of these schools, in one query."""
	if not schools or not frappe.db.has_column("Student", FIELD):
		return set()
	current = {"enabled": 1} if frappe.get_meta("Student").has_field("enabled") else {}
	return set(
		frappe.get_all("Student", {FIELD: ("in", list(schools)), **current}, pluck="name", order_by=None)
	)


def of_records(doctype: str, names: Collection[str]) -> dict[str, str]:
	"""Return the school of each of these records that has one; empty outside a district."""
	return recorded(doctype, names) if registry.is_district() else {}


def recorded(doctype: str, names: Collection[str]) -> dict[str, str]:
	"""Return the school written on each of these records that names one, in one query."""
	if not names or not frappe.db.has_column(doctype, FIELD):
		return {}
	rows = frappe.get_all(
		doctype,
		filters={"name": ("in", list(names)), FIELD: ("is", "set")},
		fields=["name", FIELD],
		as_list=True,
		order_by=None,
	)
	return dict(rows)
