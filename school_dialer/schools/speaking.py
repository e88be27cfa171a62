"""In whose name each call of a campaign is: the campaign's school, the family's, or the district."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date

import frappe

from school_dialer.schools import belonging, registry
from school_dialer.schools.scope import Scope

STUDENT = "Student"


@dataclass(frozen=True, slots=True)
class CalledPerson:
	"""One person of one call, and the students it is about."""

	person_doctype: str | None
	person: str | None
	students: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pupil:
	"""A student's school, "" for none, and date of birth."""

	school: str
	born: date | None


def pupils(students: set[str]) -> dict[str, Pupil]:
	"""Return what is on record of these students, in one query."""
	if not students or not frappe.db.has_column(STUDENT, belonging.FIELD):
		return {}
	rows = frappe.db.sql(
		"select name, dialer_school, date_of_birth from `tabStudent` where name in %s", (tuple(students),)
	)
	return {name: Pupil(school or "", born) for name, school, born in rows}


def youngest(students: Sequence[str], known: dict[str, Pupil], in_use: Container[str]) -> str:
	"""Return the school of the youngest of these students who has one of those `in_use`, or "".

	A student without a date of birth counts as the oldest; of equals the first by name speaks.
	"""
	having = [one for one in students if one in known and known[one].school in in_use]
	if len(having) < 2:
		return known[having[0]].school if having else ""
	return known[min(having, key=lambda one: (-(known[one].born or date.min).toordinal(), one))].school


def names(scope: Scope, called: Sequence[CalledPerson]) -> list[str]:
	"""Return, for each call, the school in whose name it is, or "" for the district's.

	Runs a fixed number of queries.
	"""
	if not scope.each:
		return [scope.name] * len(called)
	known = pupils({student for one in called for student in one.students})
	own = own_schools([one for one in called if not one.students])
	in_use = registry.schools()
	return [familys(one, known, own, in_use) for one in called]


def familys(
	called: CalledPerson,
	known: dict[str, Pupil],
	own: dict[tuple[str | None, str | None], str],
	in_use: Container[str],
) -> str:
	"""Return the school of this family's youngest child, or of the person's own record, if it is in use."""
	school = own.get((called.person_doctype, called.person), "")
	return youngest(called.students, known, in_use) or (school if school in in_use else "")


def own_schools(called: Sequence[CalledPerson]) -> dict[tuple[str | None, str | None], str]:
	"""Return the schools of people by their own record, a query for each DocType."""
	by_doctype: dict[str, set[str]] = {}
	for one in called:
		if one.person_doctype and one.person:
			by_doctype.setdefault(one.person_doctype, set()).add(one.person)
	return {
		(doctype, name): school
		for doctype, people in by_doctype.items()
		if doctype in belonging.PEOPLE
		for name, school in belonging.recorded(doctype, people).items()
	}
