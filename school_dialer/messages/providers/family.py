"""Which students a subject may hear about, and what each is called.

Every provider of student fields reads this first.

Only the subject's students are read, and of those only the ones whose record allows it now. A guardian must
be linked on the student's own form and not be barred by court order. For educational fields, the guardian
must also be allowed to receive records, and no safety hold may keep them back. The gate has checked the same
and more; this is the second lock (34 CFR 99.4, 99.12).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import frappe
from frappe.query_builder import DocType

from school_dialer.audience import student_rights
from school_dialer.audience.barred import BY_COURT_ORDER, PERMISSION
from school_dialer.audience.relations import RECORDS, receives
from school_dialer.base.database import doctypes as doctypes_of_site
from school_dialer.messages.field import ABOUT_RECORDS, Several
from school_dialer.messages.model import Name, PerStudent, Subject

SPOKEN_NAME = "dialer_spoken_name"


@dataclass(slots=True)
class Links:
	"""Who may hear about which student, as (guardian, student) pairs.

	``records`` are the pairs where the guardian may receive educational records.
	"""

	known: set[tuple[str, str]] = field(default_factory=set)
	records: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Pupil:
	first_name: Name
	full_name: Name


@dataclass(frozen=True, slots=True)
class Families:
	"""The students of a chunk of subjects, read in two queries."""

	pupils: Mapping[str, Pupil]
	links: Links

	@classmethod
	def of(cls, subjects: Iterable[Subject]) -> "Families":
		students = {student for subject in subjects for student in students_of(subject)}
		if not students or not has("Student"):
			return cls({}, Links())
		return cls(read_pupils(students), read_links(students))

	@property
	def students(self) -> list[str]:
		return sorted(self.pupils)

	def may_name(self, subject: Subject) -> list[str]:
		"""Return the students that may be named to this subject.

		In a message about attendance, grades or fees, a name alone discloses a record.
		"""
		about_records = subject.about_records or subject.purpose in ABOUT_RECORDS
		return self.among(subject, self.links.records if about_records else self.links.known)

	def may_disclose(self, subject: Subject) -> set[str]:
		"""Return the students whose educational records this subject may receive."""
		return set(self.among(subject, self.links.records))

	def among(self, subject: Subject, links: set[tuple[str, str]]) -> list[str]:
		informed = {
			student
			for doctype, person, students in informed_by(subject)
			for student in students
			if doctype == "Student" or (person, student) in links
		}
		return [student for student in students_of(subject) if student in self.pupils and student in informed]

	def called(self, students: list[str]) -> dict[str, Name]:
		"""Return what to call each student: the first name, or the full name if several share it."""
		first = [self.pupils[student].first_name for student in students]
		return {
			student: self.pupils[student].full_name if first.count(name) > 1 else name
			for student, name in zip(students, first, strict=True)
		}

	def names(self, subject: Subject, chosen: Callable[[str], bool] = lambda student: True) -> PerStudent:
		called = self.called(self.may_name(subject))
		return PerStudent(
			tuple((student, name, name if chosen(student) else None) for student, name in called.items())
		)

	def personal(self, subject: Subject, values: Mapping[str, Any]) -> PerStudent:
		"""Return one value for each student that may be named."""
		called = self.called(self.may_name(subject))
		return PerStudent(tuple((student, name, values.get(student)) for student, name in called.items()))

	def educational(self, subject: Subject, values: Mapping[str, Any]) -> PerStudent:
		"""Return what `personal` does, without values of records this person may not receive."""
		disclosed = self.may_disclose(subject)
		return self.personal(
			subject, {student: value for student, value in values.items() if student in disclosed}
		)

	def educational_columns(
		self, subject: Subject, rows: Mapping[str, list], columns: Mapping[str, str]
	) -> dict[str, PerStudent]:
		"""Return `educational` for each of these columns, by the field's name, from the rows of students."""
		values = {}
		for name, column in columns.items():
			of_students = {student: Several.of(row[column] for row in own) for student, own in rows.items()}
			values[name] = self.educational(subject, of_students)
		return values


def students_of(subject: Subject) -> tuple[str, ...]:
	"""Return the students this subject is called about: those of everyone whom the message tells."""
	return tuple(
		dict.fromkeys(student for *_person, students in informed_by(subject) for student in students)
	)


def informed_by(subject: Subject) -> list[tuple[str, str, tuple[str, ...]]]:
	"""Return everyone whom this message tells: a guardian about children, a student about themselves."""
	everyone = ((subject.person_doctype, subject.person, subject.students), *subject.others)
	return [
		(doctype, person, (person,) if doctype == "Student" else students)
		for doctype, person, students in everyone
		if doctype in ("Student", "Guardian")
	]


def has(*doctypes: str) -> bool:
	return all(map(doctypes_of_site.exists, doctypes))


def has_field(doctype: str, *fieldnames: str) -> bool:
	return has(doctype) and all(doctypes_of_site.has_field(doctype, name) for name in fieldnames)


def present(doctype: str, *fieldnames: str) -> list[str]:
	"""Return those of the fields that this site has."""
	return [fieldname for fieldname in fieldnames if has_field(doctype, fieldname)]


def read_pupils(students: set[str]) -> dict[str, Pupil]:
	rows = frappe.get_all(
		"Student",
		filters={"name": ("in", sorted(students))},
		fields=["name", "first_name", "student_name", *present("Student", "last_name", SPOKEN_NAME)],
		order_by="name",
	)
	return {row.name: pupil(row) for row in rows}


def pupil(row: frappe._dict) -> Pupil:
	"""Return a student's names.

	A school records how the first name sounds; the full name is spoken with it.
	"""
	first, full, spoken = (
		row.first_name or row.student_name or "",
		row.student_name or row.first_name or "",
		row.get(SPOKEN_NAME),
	)
	rest = full.removeprefix(first) if full.startswith(first) else ""
	return Pupil(Name(first, spoken or ""), Name(full, spoken + rest if spoken and rest else ""))


def read_links(students: set[str]) -> Links:
	if not has("Student Guardian"):
		return Links()
	link = DocType("Student Guardian")
	query = (
		frappe.qb.from_(link)
		.select(link.guardian, link.parent.as_("student"), student_rights.count_holds(link).as_("held"))
		.where((link.parenttype == "Student") & link.parent.isin(sorted(students)))
	)
	for fieldname in present("Student Guardian", PERMISSION, RECORDS, "relation"):
		query = query.select(link[fieldname])
	links, barred, closed = Links(), set(), set()
	for row in query.run(as_dict=True):
		pair = (row.guardian, row.student)
		links.known.add(pair)
		if row.held or not receives(row.get(RECORDS), row.get("relation")):
			closed.add(pair)
		if row.get(PERMISSION) == BY_COURT_ORDER:
			barred.add(pair)
	return Links(links.known - barred, links.known - barred - closed)
