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


def youngest(students: Sequence[str], listed: dict[str, Pupil], in_use: Container[str]) -> str:
	"""Return the school of the youngest of these students who has one of those `in_use`, or "".

	A student without a date of birth counts as the oldest; of equals the first by name speaks.
	"""
	having = [name for name in students if name in listed and listed[name].school in in_use]
	if len(having) < 2:
		return listed[having[0]].school if having else ""
	return listed[min(having, key=lambda name: (-(listed[name].born or date.min).toordinal(), name))].school


def names(scope: Scope, called: Sequence[CalledPerson]) -> list[str]:
	"""Return, for each call, the school in whose name it is, or "" for the district's.

	Runs a fixed number of queries.
	"""
	if not scope.each:
		return [scope.name] * len(called)
	pupil_of = pupils({student for person in called for student in person.students})
	of_person = own_schools([person for person in called if not person.students])
	in_use = registry.schools()
	return [familys(person, pupil_of, of_person, in_use) for person in called]


def familys(
	called: CalledPerson,
	pupil_of: dict[str, Pupil],
	of_person: dict[tuple[str | None, str | None], str],
	in_use: Container[str],
) -> str:
	"""Return the school of this family's youngest child, or of the person's own record, if it is in use."""
	school = of_person.get((called.person_doctype, called.person), "")
	return youngest(called.students, pupil_of, in_use) or (school if school in in_use else "")


def own_schools(called: Sequence[CalledPerson]) -> dict[tuple[str | None, str | None], str]:
	"""Return the schools of people by their own record, a query for each DocType."""
	by_doctype: dict[str, set[str]] = {}
	for person in called:
		if person.person_doctype and person.person:
			by_doctype.setdefault(person.person_doctype, set()).add(person.person)
	return {
		(doctype, name): school
		for doctype, people in by_doctype.items()
		if doctype in belonging.PEOPLE
		for name, school in belonging.recorded(doctype, people).items()
	}
