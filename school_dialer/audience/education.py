"""People of the Education app: guardians, students, instructors. Fields are looked up, never assumed.

Every query here reads a chunk of people at once by an index (see docs/performance.md); their number does not depend on how
many people there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import frappe

from school_dialer.audience.base import (
	Asked,
	Candidate,
	Source,
	Standing,
	country_code,
	existing,
	first_numbers,
	page,
	people,
)
from school_dialer.compliance import Person
from school_dialer.phone import InvalidNumber, parse

ONE_GUARDIAN = "One guardian of each student"
EMERGENCY_ONLY = "Emergency Only"
BY_COURT_ORDER = "None by Court Order"
PERMISSION = "dialer_contact_permission"
ORDER = "dialer_contact_order"
OBJECTION = "dialer_objects_to_disclosure"
TIME_ZONE = "dialer_time_zone"
HOME = ("dialer_state", "dialer_postal_code", TIME_ZONE)
"""Of a guardian, where Education itself has no address."""
STRICTNESS = ("All", EMERGENCY_ONLY, BY_COURT_ORDER)


@dataclass(frozen=True, slots=True)
class Guardian:
	"""Where a guardian lives, and what they may be told of each student."""

	state: str | None
	postal_code: str | None
	time_zone: str | None
	permissions: dict[str, str]


def candidate(row: Iterable[str | None], permissions: dict[str, str]) -> Candidate:
	"""Of the columns of `GuardianSource.guardian_columns`."""
	name, person_name, mobile, alternate, user_language, own_language, *home = row
	return Candidate(
		"Guardian",
		name,
		person_name or "",
		first_numbers(mobile, alternate),
		own_language or user_language or "",
		tuple(permissions),
		Guardian(*(part or None for part in home), permissions),
	)


class GuardianSource(Source):
	"""Guardians of some students; a guardian comes once, with all of those students they may be told of."""

	person_doctype = "Guardian"
	members: ClassVar[str] = ""
	"""A condition on `link`.`parent`, the student, with the values of `values`."""

	@classmethod
	def needs(cls) -> tuple[str, ...]:
		return (*super().needs(), "Student", "Student Guardian")

	def values(self) -> dict:
		return {"group": self.group}

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		rows = self.guardians(after, limit)
		children = self.children([row[0] for row in rows])
		return [candidate(row, children.get(row[0], {})) for row in rows], page(rows, limit, 0)

	def guardians(self, after: str, limit: int) -> tuple:
		"""Name, full name, two numbers, the user's language, the guardian's own, state, postal code and time zone.

		Guardians are read in the order of their names, each with a look at whether they have a student here. A sub-query with
		a limit is not turned into a join, for which all of them would be sorted for every chunk.
		"""
		return frappe.db.sql(
			self.guardian_columns()
			+ " where guardian.name > %(after)s and (select link.parent "
			+ LINKS
			+ self.members
			+ """ and link.guardian = guardian.name limit 1) is not null
			order by guardian.name limit %(limit)s""",
			{**self.values(), "after": after, "limit": limit},
		)

	@staticmethod
	def guardian_columns() -> str:
		return (
			"""select guardian.name, guardian.guardian_name, guardian.mobile_number, guardian.alternate_number,
			user.language, """
			+ columns("Guardian", "guardian", ("dialer_language", *HOME))
			+ " from `tabGuardian` guardian left join `tabUser` user on user.name = guardian.user"
		)

	def children(self, guardians: list[str]) -> dict[str, dict[str, str]]:
		"""guardian -> student -> contact permission."""
		if not guardians:
			return {}
		rows = frappe.db.sql(
			"select link.guardian, link.parent, "
			+ column("Student Guardian", "link", PERMISSION)
			+ " "
			+ LINKS
			+ self.members
			+ " and link.guardian in %(guardians)s order by link.guardian, link.parent",
			{**self.values(), "guardians": guardians},
		)
		return permissions_of(rows)

	def households(self, after: str, limit: int) -> tuple[list[list[Candidate]], str | None]:
		"""When one guardian is enough: the guardians of each student, in the order of the student's record."""
		if self.campaign.reach != ONE_GUARDIAN:
			return super().households(after, limit)
		students = self.students(after, limit)
		households: dict[str, list[Candidate]] = {}
		for student, permission, *guardian in self.guardians_of([name for (name,) in students]):
			one = candidate(guardian, {student: permission or "All"})
			households.setdefault(student, []).append(one)
		return list(households.values()), page(students, limit, 0)

	def students(self, after: str, limit: int) -> tuple:
		"""Those with a guardian, by name, read as `guardians` are."""
		return frappe.db.sql(
			"""select pupil.name from `tabStudent` pupil where pupil.name > %(after)s and (select link.parent """
			+ LINKS
			+ self.members
			+ " and link.parent = pupil.name limit 1) is not null order by pupil.name limit %(limit)s",
			{**self.values(), "after": after, "limit": limit},
		)

	def guardians_of(self, students: list[str]) -> tuple:
		"""By their contact order; those without one come after, as they stand in the student's record."""
		if not students:
			return ()
		order = column("Student Guardian", "link", ORDER)
		return frappe.db.sql(
			"select link.parent, "
			+ column("Student Guardian", "link", PERMISSION)
			+ ", "
			+ self.guardian_columns().removeprefix("select ")
			+ """ join `tabStudent Guardian` link on link.guardian = guardian.name and link.parenttype = 'Student'
			where link.parent in %(students)s order by link.parent, ifnull("""
			+ order
			+ ", 0) = 0, "
			+ order
			+ ", link.idx",
			{"students": students},
		)

	@classmethod
	def standings(cls, asked: list[Asked], emergency: bool) -> dict[str, Standing]:
		guardians = read_guardians([one for one in asked if one.read is None])
		students = {student for one in asked for student in one.students}
		forbidden = barred_numbers(students)
		rights = {} if emergency else read_rights(students)
		country = country_code()
		found = {}
		for one in asked:
			guardian = one.read or guardians.get(one.person)
			if guardian is None:
				continue
			allowed = tuple(
				student
				for student in one.students
				if may_hear(guardian.permissions.get(student), emergency)
				and (one.phone, student) not in forbidden
			)
			person = Person(
				country, guardian.state, guardian.postal_code, guardian.time_zone, restricted=not allowed
			)
			known = [rights.get(student, (None, False)) for student in allowed]
			found[one.key] = Standing(
				person,
				allowed,
				tuple(born for born, _objects in known),
				frozenset(
					student for student, (_born, objects) in zip(allowed, known, strict=True) if objects
				),
			)
		return found


LINKS = """from `tabStudent Guardian` link join `tabStudent` student on student.name = link.parent
	where link.parenttype = 'Student' and student.enabled = 1"""


class StudentGroupGuardians(GuardianSource):
	label = "Guardians of a Student Group"
	audience_doctype = "Student Group"
	members = """ and link.parent in (select member.student from `tabStudent Group Student` member
		where member.parent = %(group)s and member.parenttype = 'Student Group' and member.active = 1)"""

	def guardians(self, after: str, limit: int) -> tuple:
		"""A group is small: its members lead to their guardians."""
		return frappe.db.sql(
			self.guardian_columns()
			+ " where guardian.name > %(after)s and guardian.name in (select link.guardian "
			+ LINKS
			+ self.members
			+ ") order by guardian.name limit %(limit)s",
			{**self.values(), "after": after, "limit": limit},
		)


class ProgramGuardians(GuardianSource):
	label = "Guardians of a Program"
	audience_doctype = "Program"
	members = """ and exists (select 1 from `tabProgram Enrollment` enrolment
		where enrolment.student = link.parent and enrolment.program = %(group)s and enrolment.docstatus = 1
		and (%(year)s is null or enrolment.academic_year = %(year)s))"""

	@classmethod
	def needs(cls) -> tuple[str, ...]:
		return (*super().needs(), "Program Enrollment")

	def values(self) -> dict:
		return {"group": self.group, "year": current_academic_year()}


class AllGuardians(GuardianSource):
	label = "All guardians"


class StudentGroupStudents(Source):
	label = "Students of a Student Group"
	person_doctype = "Student"
	audience_doctype = "Student Group"

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		rows = frappe.db.sql(
			"""select student.name, student.student_name, student.student_mobile_number, user.language, """
			+ column("Student", "student", "dialer_language")
			+ """ from `tabStudent` student left join `tabUser` user on user.name = student.user
			where student.enabled = 1 and student.name > %(after)s and student.name in
				(select member.student from `tabStudent Group Student` member where member.parent = %(group)s
				and member.parenttype = 'Student Group' and member.active = 1)
			order by student.name limit %(limit)s""",
			{"after": after, "group": self.group, "limit": limit},
		)
		candidates = [
			Candidate(
				"Student",
				name,
				person_name or "",
				first_numbers(mobile),
				own_language or user_language or "",
				(name,),
			)
			for name, person_name, mobile, user_language, own_language in rows
		]
		return candidates, page(rows, limit, 0)

	@classmethod
	def standings(cls, asked: list[Asked], emergency: bool) -> dict[str, Standing]:
		homes = {
			name: home
			for name, *home in frappe.db.sql(
				"select name, country, state, pincode, date_of_birth, "
				+ column("Student", "student", TIME_ZONE)
				+ " from `tabStudent` student where enabled = 1 and name in %s",
				(people(asked),),
			)
		}
		codes = {country: country_code(country) for country in {home[0] for home in homes.values()}}
		found = {}
		for one in asked:
			if home := homes.get(one.person):
				country, state, postal_code, born, time_zone = home
				person = Person(
					codes[country],
					state or None,
					postal_code or None,
					time_zone or None,
					is_student=True,
					date_of_birth=born,
				)
				found[one.key] = Standing(person, (one.person,))
		return found


class AllInstructors(Source):
	"""Instructors have no number of their own: it is their Employee's."""

	label = "All instructors"
	person_doctype = "Instructor"

	@classmethod
	def needs(cls) -> tuple[str, ...]:
		return ("Instructor", "Employee")

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		rows = frappe.db.sql(
			"""select instructor.name, instructor.instructor_name, employee.cell_number, user.language
			from `tabInstructor` instructor
			join `tabEmployee` employee on employee.name = instructor.employee
			left join `tabUser` user on user.name = employee.user_id
			where instructor.name > %s and instructor.status = 'Active' and employee.status = 'Active'
			order by instructor.name limit %s""",
			(after, limit),
		)
		candidates = [
			Candidate("Instructor", name, person_name or "", first_numbers(cell), language or "")
			for name, person_name, cell, language in rows
		]
		return candidates, page(rows, limit, 0)

	@classmethod
	def standings(cls, asked: list[Asked], emergency: bool) -> dict[str, Standing]:
		current = {
			name
			for (name,) in frappe.db.sql(
				"select name from `tabInstructor` where status = 'Active' and name in %s",
				(people(asked),),
			)
		}
		standing = Standing(Person(country=country_code()))
		return {one.key: standing for one in asked if one.person in current}


def column(doctype: str, alias: str, fieldname: str) -> str:
	"""A column of ours, null on a site whose DocType does not have it."""
	return alias + "." + fieldname if existing([fieldname], doctype) else "null"


def columns(doctype: str, alias: str, fieldnames: Iterable[str]) -> str:
	return ", ".join(column(doctype, alias, fieldname) for fieldname in fieldnames)


def current_academic_year() -> str | None:
	if frappe.db.exists("DocType", "Education Settings"):
		return frappe.db.get_single_value("Education Settings", "current_academic_year")


def read_guardians(asked: list[Asked]) -> dict[str, Guardian]:
	"""Where they live, and what they may be told of the students they are asked about."""
	if not asked:
		return {}
	homes = frappe.db.sql(
		"select guardian.name, "
		+ columns("Guardian", "guardian", HOME)
		+ " from `tabGuardian` guardian where guardian.name in %s",
		(people(asked),),
	)
	links = frappe.db.sql(
		"select link.guardian, link.parent, "
		+ column("Student Guardian", "link", PERMISSION)
		+ " from `tabStudent Guardian` link where link.parenttype = 'Student' and link.guardian in %s",
		(people(asked),),
	)
	permissions = permissions_of(links)
	return {
		name: Guardian(*(part or None for part in home), permissions.get(name, {})) for name, *home in homes
	}


def permissions_of(links: Iterable[tuple[str, str, str | None]]) -> dict[str, dict[str, str]]:
	"""guardian -> student -> contact permission: "All" where nothing is recorded, the stricter one of two links."""
	permissions: dict[str, dict[str, str]] = {}
	for guardian, student, granted in links:
		known = permissions.setdefault(guardian, {})
		known[student] = stricter(known[student], granted) if student in known else granted or "All"
	return permissions


def read_rights(students: set[str]) -> dict[str, tuple[date | None, bool]]:
	"""The students' dates of birth, since rights in their records are theirs from the age of majority, and who objects."""
	if not students:
		return {}
	rows = frappe.db.sql(
		"select student.name, student.date_of_birth, "
		+ column("Student", "student", OBJECTION)
		+ " from `tabStudent` student where student.name in %s",
		(tuple(students),),
	)
	return {name: (born, bool(objects)) for name, born, objects in rows}


def may_hear(permission: str | None, emergency: bool) -> bool:
	"""None: the two are not linked, or no longer."""
	return permission == "All" or (emergency and permission == EMERGENCY_ONLY)


def stricter(one: str, other: str | None) -> str:
	return max(one, other or "All", key=lambda each: STRICTNESS.index(each) if each in STRICTNESS else 1)


def barred_numbers(students: set[str]) -> set[tuple[str, str]]:
	"""(E.164, student) of guardians whom a court order bars: a line shared with one would tell them."""
	if not students or not existing([PERMISSION], "Student Guardian"):
		return set()
	rows = frappe.db.sql(
		"""select link.parent, guardian.mobile_number, guardian.alternate_number
		from `tabStudent Guardian` link join `tabGuardian` guardian on guardian.name = link.guardian
		where link.dialer_contact_permission = %s and link.parent in %s and link.parenttype = 'Student'""",
		(BY_COURT_ORDER, tuple(students)),
	)
	return {
		(number, student)
		for student, *numbers in rows
		for raw in first_numbers(*numbers)
		if (number := e164(raw))
	}


def e164(raw: str) -> str:
	try:
		return parse(raw).e164
	except InvalidNumber:
		return ""
