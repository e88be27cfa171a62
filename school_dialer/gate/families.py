"""What the families of one chunk have to do with schools.

Whose they are, in whose name they are called, and what that school narrows. On a site with one school nothing
is read, and everything is as in Dialer Settings.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time

import frappe

from school_dialer.audience.base import ContactFacts
from school_dialer.compliance.vocabulary import COLLEGE
from school_dialer.gate import school_identity
from school_dialer.schools import belonging, registry, speaking
from school_dialer.schools.scope import Scope
from school_dialer.schools.speaking import CalledPerson

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class SchoolLaw:
	"""What narrows the law for calls in one school's name.

	- `caller`: one of the engine's CALLERS, or None.
	- `hours`: minutes after local midnight, or None for the law's alone.
	- `holidays`: local days without calls, the district's among them.
	- `opt_outs`: the school as the decision engine takes it (`schools.opting_out.asked_for`).
	"""

	caller: str | None
	hours: tuple[int, int] | None
	holidays: frozenset[date]
	opt_outs: str | None


class Families:
	"""Facts about schools for the checks of one chunk, read with a fixed number of queries.

	`questions` have `person_doctype`, `person` and `students`.
	"""

	def __init__(self, scope: Scope, checks: Sequence):
		self.scope = scope
		self.in_use = registry.schools()
		self.district = registry.is_district()
		read = bool(scope.schools) or self.district
		students = {student for check in checks for student in check.students} if read else set()
		self.pupils = speaking.pupils(students)
		alone = [as_called(check) for check in checks if not check.students]
		self.people = speaking.own_schools(alone) if scope.schools or scope.each else {}
		self.settings = frappe.get_cached_doc("Dialer Settings")
		self.holidays = frozenset(row.date for row in self.settings.holidays)
		self.laws: dict[str, SchoolLaw] = {}

	def limit_to_schools(self, check, contact: ContactFacts) -> ContactFacts:
		"""Return the facts with only the students of the campaign's schools.

		If none is left, the students stay and the person is marked: the call is another school's.
		"""
		if not self.scope.schools:
			return contact
		if not check.students:
			return contact if self.is_ours(check) else mark_other_school(contact)
		ours = [self.school_of(student) in self.scope.schools for student in contact.students]
		if not any(ours):
			still = any(self.school_of(student) in self.scope.schools for student in check.students)
			return contact if still and not contact.students else mark_other_school(contact)
		if all(ours):
			return contact
		rights = select(contact.rights, ours) if contact.rights else ()
		return ContactFacts(contact.person, select(contact.students, ours), rights)

	def left_out(self, check, contact: ContactFacts) -> tuple[str, ...]:
		"""Return the students asked about, of the campaign's schools, who are not in the facts."""
		if len(contact.students) == len(check.students):
			return ()
		schools = self.scope.schools
		return tuple(
			student
			for student in check.students
			if student not in contact.students and (not schools or self.school_of(student) in schools)
		)

	def is_ours(self, check) -> bool:
		"""Return True for a person of these schools by their own record, and for a row of a list."""
		if check.person_doctype not in (*belonging.PEOPLE, "Guardian"):
			return True
		return self.people.get((check.person_doctype, check.person), "") in self.scope.schools

	def school_of(self, student: str) -> str:
		return self.pupils[student].school if student in self.pupils else ""

	def speaking_school(self, check, students: tuple[str, ...]) -> str:
		"""Return the school in whose name this call about these students is, or "" for the district."""
		if not self.scope.each:
			return self.scope.name
		about = CalledPerson(check.person_doctype, check.person, students or check.students)
		return speaking.familys(about, self.pupils, self.people, self.in_use)

	def is_college(self, student: str) -> bool:
		"""Return True if this student attends a college, by the student's own school."""
		return self.law(self.school_of(student)).caller == COLLEGE

	def law(self, school: str) -> SchoolLaw:
		if school not in self.laws:
			self.laws[school] = self.law_of(school)
		return self.laws[school]

	def law_of(self, school: str) -> SchoolLaw:
		"""Return what narrows the law for calls in this school's name, or in the district's for ""."""
		registered = self.in_use.get(school) if self.district else None
		return SchoolLaw(
			school_identity.caller_of(registered, self.settings.school_kind),
			hours_of(registered) if registered else None,
			self.holidays | registered.holidays if registered else self.holidays,
			school if self.district else None,
		)


def as_called(check) -> CalledPerson:
	return CalledPerson(check.person_doctype, check.person, check.students)


def mark_other_school(contact: ContactFacts) -> ContactFacts:
	return replace(contact, person=replace(contact.person, other_school=True))


def select(values: tuple, wanted: Iterable[bool]) -> tuple:
	return tuple(value for value, yes in zip(values, wanted, strict=True) if yes)


def hours_of(school: registry.School) -> tuple[int, int] | None:
	"""Return the school's own hours in minutes after midnight; None if it has none of its own."""
	if school.calls_from is None and school.calls_until is None:
		return None
	opens = minutes(school.calls_from) if school.calls_from else 0
	closes = minutes(school.calls_until) if school.calls_until else DAY_MINUTES
	return (opens, closes) if opens < closes else None


def minutes(at: time) -> int:
	return at.hour * 60 + at.minute


def college_check(students: Iterable[str]) -> Callable[[str], bool]:
	"""Return a function that says of each of these students whether they attend a college."""
	school_of = belonging.of_students(set(students))
	return lambda student: school_identity.caller(school_of.get(student)) == COLLEGE
