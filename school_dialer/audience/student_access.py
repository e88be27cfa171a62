"""Which children a member of staff may read, and of which of them no record of a kind is kept from that person.

Asked of Frappe's own permissions, so roles, User Permissions, shares and the rules of other apps all count. Answers are sets: one query for
each chunk of students and DocType, and none where nothing narrows what the user reads. Only what people see is asked about here; the
gate, planning and dispatch never ask, so a campaign calls the same people no matter who started it.
"""

from collections.abc import Collection, Iterable, Iterator

import frappe
from frappe import _
from frappe.model.db_query import DatabaseQuery
from frappe.permissions import get_role_permissions

from school_dialer.counted import counted

STUDENT = "Student"
FAMILY = (STUDENT, "Guardian")
"""Who is called about a child even where the row names none, since none may be told of at that number."""
NOBODY = "1 = 0"
ADMINISTRATOR = "Administrator"
CHUNK = 1000
Told = tuple[str | None, str | None, Iterable[str]]
"""(DocType, name) of a person, and the students whom a row about this person names."""


def matching(doctype: str, user: str | None = None) -> str:
	"""SQL on the DocType's own table for the rows that the user may read: empty for all of them, `NOBODY` for none."""
	user = user or frappe.session.user
	if user == ADMINISTRATOR or not frappe.db.exists("DocType", doctype, cache=True):
		return ""
	if get_role_permissions(frappe.get_meta(doctype), user=user).get("read"):
		return DatabaseQuery(doctype, user=user).build_match_conditions()
	shared = frappe.share.get_shared(doctype, user)
	return f"`tab{doctype}`.name in ({quoted(shared)})" if shared else NOBODY


def readable(students: Iterable[str], records: Iterable[str] = (), user: str | None = None) -> set[str]:
	"""Those whom the user may read, and of whom no record of these DocTypes (with a field `student`) is kept from the user."""
	found = {student for student in students if student}
	if found and (condition := matching(STUDENT, user)):
		found = set() if condition == NOBODY else among(STUDENT, "name", found, condition)
	for doctype in records:
		condition = matching(doctype, user) if found else ""
		if condition == NOBODY:
			return set()
		if condition:
			found -= among(doctype, "student", found, f"not ifnull(({condition}), 0)")
	return found


def among(doctype: str, column: str, students: Collection[str], condition: str) -> set[str]:
	"""Those of the students that stand in this column of a row which meets the condition."""
	query = (
		f"select distinct `tab{doctype}`.`{column}` from `tab{doctype}` where `tab{doctype}`.`{column}` in %s and ("
		+ condition.replace("%", "%%")
		+ ")"
	)
	return {name for some in chunks(students) for (name,) in frappe.db.sql(query, (some,))}


def visible_names(students: Iterable[str], user: str | None = None) -> dict[str, str]:
	"""What those whom the user may read are called, by the name of their record."""
	allowed = readable(students, user=user)
	if not allowed or not frappe.db.exists("DocType", STUDENT, cache=True):
		return {}
	query = "select name, ifnull(student_name, name) from `tabStudent` where name in %s"
	return {name: called for some in chunks(allowed) for name, called in frappe.db.sql(query, (some,))}


def children(person_doctype: str | None, person: str | None, students: Iterable[str] = ()) -> set[str]:
	"""Of whom a row tells: the students it names, and the person if that is one."""
	own = {person} if person_doctype == STUDENT and person else set()
	return {student for student in students if student} | own


def visible(people: Iterable[Told], records: Collection[str] = (), user: str | None = None) -> list[bool]:
	"""For each of the people of a campaign that tells of these records: whether the user may see who it is. A student is for those who may
	read the student. Where the call tells of records, all of a guardian's children have to be readable, and those records of theirs; of a
	guardian with no child at hand nobody can say whose records are told, so the user has to read all of them."""
	told = list(people)
	families = [children(doctype, person, students if records else ()) for doctype, person, students in told]
	allowed = readable({student for family in families for student in family}, records, user)
	narrowed = reads_not_all(records, user)
	return [
		family <= allowed if family else not (narrowed and doctype in FAMILY)
		for family, (doctype, _person, _students) in zip(families, told, strict=True)
	]


def reads_not_all(records: Iterable[str], user: str | None = None) -> bool:
	"""Whether any such record is kept from the user."""
	return any(matching(doctype, user) for doctype in records)


def not_shown(count: int) -> str:
	"""In place of the names of so many students."""
	return counted(count, _("1 student not shown"), _("{0} students not shown"))


def name_not_shown() -> str:
	"""In place of the name of a person whom the user may not see."""
	return _("Name not shown")


def quoted(values: Iterable[str]) -> str:
	"""For the IN of a query that takes no values."""
	return ", ".join(frappe.db.escape(value, percent=False) for value in values)


def chunks(students: Collection[str]) -> Iterator[tuple[str, ...]]:
	ordered = sorted(students)
	for start in range(0, len(ordered), CHUNK):
		yield tuple(ordered[start : start + CHUNK])
