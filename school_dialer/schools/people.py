"""Which of these people are of a user's schools, for lists that are not rows of a DocType."""

from collections.abc import Collection, Iterable, Sequence

import frappe

from school_dialer.schools import users
from school_dialer.schools.rows import FIELD, WITH_SCHOOL, Condition

CHUNK = 1000
Person = tuple[str | None, str | None, Iterable[str]]
"""(DocType, name) of a person, and the students that are named with them."""


def visible(people: Sequence[Person], user: str | None = None) -> list[bool]:
	"""Return for each person whether a school's user may see who it is. All for a district user.

	All students named, and the person, must be of the user's schools. A guardian is if one of their children
	is; someone without a record, or whose record names no school, is not of another one.
	"""
	user = user or frappe.session.user
	schools = users.of_user(user)
	if schools is None:
		return [True] * len(people)
	condition = Condition(schools, user)
	students = {
		student for doctype, person, named in people for student in (*named, *own(doctype, person, "Student"))
	}
	may = {"Student": among(students, condition.students())}
	guardians = {adult for doctype, person, _named in people for adult in own(doctype, person, "Guardian")}
	may["Guardian"] = among(guardians, condition.guardians())
	for kind in WITH_SCHOOL:
		seen = {name for doctype, person, _named in people for name in own(doctype, person, kind)}
		may[kind] = among(seen, condition.without_other(kind)) if frappe.db.has_column(kind, FIELD) else seen
	return [
		set(named) <= may["Student"] and (not person or doctype not in may or person in may[doctype])
		for doctype, person, named in people
	]


def own(doctype: str | None, person: str | None, kind: str) -> tuple[str, ...]:
	return (person,) if person and doctype == kind else ()


def among(names: Collection[str], sql: str) -> set[str]:
	"""Return those of the names that this SQL finds, in one query for each chunk of names."""
	ordered, kept = sorted(names), set()
	for start in range(0, len(ordered), CHUNK):
		chunk = ordered[start : start + CHUNK]
		column = "guardian" if sql.startswith("select guardian") else "name"
		query = f"select found.{column} from ({sql.replace('%', '%%')}) found where found.{column} in %s"
		kept |= {name for (name,) in frappe.db.sql(query, (chunk,))}
	return kept
