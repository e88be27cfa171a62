"""Which students a staff member may read, and for which of them no record of a kind is hidden.

Access is taken from Frappe's own permissions, so roles, User Permissions, shares and other apps' rules all
count. Results are sets: one query per chunk of students and DocType, and none if nothing narrows what the
user reads. This only affects what people see. The gate, planning and dispatch never use it, so a campaign
calls the same people no matter who started it.
"""

from collections.abc import Collection, Iterable, Iterator

import frappe
from frappe import _
from frappe.model.db_query import DatabaseQuery
from frappe.permissions import get_role_permissions

from school_dialer.base.counted import counted
from school_dialer.schools import people
from school_dialer.schools.rows import quoted

STUDENT = "Student"
FAMILY = (STUDENT, "Guardian")
"""DocTypes of people called about a child even if the row names no student.

That happens when no student may be named at the number.
"""
NO_ROWS = "1 = 0"
ADMINISTRATOR = "Administrator"
CHUNK = 1000
PersonRow = tuple[str | None, str | None, Iterable[str]]
"""(DocType, name) of a person, and the students that a row about this person names."""


def matching(doctype: str, user: str | None = None) -> str:
	"""Return an SQL condition on the DocType's table for the rows that the user may read.

	Empty means all rows; `NO_ROWS` means none.
	"""
	user = user or frappe.session.user
	if user == ADMINISTRATOR or not frappe.db.exists("DocType", doctype, cache=True):
		return ""
	if get_role_permissions(frappe.get_meta(doctype), user=user).get("read"):
		return DatabaseQuery(doctype, user=user).build_match_conditions()
	shared = frappe.share.get_shared(doctype, user)
	return f"`tab{doctype}`.name in ({quoted(shared)})" if shared else NO_ROWS


def readable(students: Iterable[str], records: Iterable[str] = (), user: str | None = None) -> set[str]:
	"""Return the students that the user may read and none of whose records are hidden.

	`records` are the DocTypes to check; each has a `student` field.
	"""
	allowed = {student for student in students if student}
	if allowed and (condition := matching(STUDENT, user)):
		allowed = set() if condition == NO_ROWS else among(STUDENT, "name", allowed, condition)
	for doctype in records:
		condition = matching(doctype, user) if allowed else ""
		if condition == NO_ROWS:
			return set()
		if condition:
			allowed -= among(doctype, "student", allowed, f"not ifnull(({condition}), 0)")
	return allowed


def among(doctype: str, column: str, students: Collection[str], condition: str) -> set[str]:
	"""Return the students that appear in this column of a row that meets the condition."""
	query = (
		f"select distinct `tab{doctype}`.`{column}` from `tab{doctype}` where `tab{doctype}`.`{column}` in "
		"%s and (" + condition.replace("%", "%%") + ")"
	)
	return {name for chunk in chunks(students) for (name,) in frappe.db.sql(query, (chunk,))}


def visible_names(students: Iterable[str], user: str | None = None) -> dict[str, str]:
	"""Return student -> full name for those that the user may read."""
	allowed = readable(students, user=user)
	if not allowed or not frappe.db.exists("DocType", STUDENT, cache=True):
		return {}
	query = "select name, ifnull(student_name, name) from `tabStudent` where name in %s"
	return {name: called for chunk in chunks(allowed) for name, called in frappe.db.sql(query, (chunk,))}


def children(person_doctype: str | None, person: str | None, students: Iterable[str] = ()) -> set[str]:
	"""Return the students that a row is about: those it names, and the person if they are a student."""
	themselves = {person} if person_doctype == STUDENT and person else set()
	return {student for student in students if student} | themselves


def visible(
	persons: Iterable[PersonRow], records: Collection[str] = (), user: str | None = None
) -> list[bool]:
	"""Return, for each person of a campaign, whether the user may see who it is.

	`records` are the record DocTypes that the campaign reveals. A student is visible to users who may read
	the student. If the campaign reveals records, all of a guardian's children must be readable, and so must
	those records of theirs. For a guardian without a known child it is unclear whose records are revealed, so
	the user must be able to read all such records. A school's user sees people of their schools only
	(`schools.people`).
	"""
	rows = [(doctype, person, tuple(students)) for doctype, person, students in persons]
	families = [children(doctype, person, students if records else ()) for doctype, person, students in rows]
	allowed = readable({student for family in families for student in family}, records, user)
	narrowed = reads_not_all(records, user)
	of_school = people.visible(rows, user)
	return [
		of and (family <= allowed if family else not (narrowed and doctype in FAMILY))
		for of, family, (doctype, _person, _students) in zip(of_school, families, rows, strict=True)
	]


def reads_not_all(records: Iterable[str], user: str | None = None) -> bool:
	"""Return whether any such record is hidden from the user."""
	return any(matching(doctype, user) for doctype in records)


def not_shown(count: int) -> str:
	"""Return the text shown in place of this many students' names."""
	return counted(count, _("1 student not shown"), _("{0} students not shown"))


def name_not_shown() -> str:
	"""Return the text shown in place of the name of a person the user may not see."""
	return _("Name not shown")


def chunks(students: Collection[str]) -> Iterator[tuple[str, ...]]:
	ordered = sorted(students)
	for start in range(0, len(ordered), CHUNK):
		yield tuple(ordered[start : start + CHUNK])
