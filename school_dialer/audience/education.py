"""People of the Education app: guardians, students, instructors. Fields are looked up, never assumed.

Every query here reads a chunk of people at once by an index (see docs/performance.md); their number does not depend on how
many people there are.
"""

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

EMERGENCY_ONLY = "Emergency Only"
BY_COURT_ORDER = "None by Court Order"
STRICTNESS = ("All", EMERGENCY_ONLY, BY_COURT_ORDER)


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
		candidates = [
			Candidate(
				"Guardian",
				name,
				person_name or "",
				first_numbers(mobile, alternate),
				own_language or user_language or "",
				tuple(children.get(name, ())),
			)
			for name, on_record, person_name, mobile, alternate, user_language, own_language in rows
			if on_record
		]
		return candidates, page(rows, limit, 0)

	def guardians(self, after: str, limit: int) -> tuple:
		"""Name as linked, name on record (None: the record is gone), full name, two numbers, the user's language, their own."""
		return frappe.db.sql(
			"""select page.guardian, guardian.name, guardian.guardian_name, guardian.mobile_number,
				guardian.alternate_number, user.language, """
			+ column("Guardian", "guardian", "dialer_language")
			+ " from (select distinct link.guardian "
			+ LINKS
			+ self.members
			+ """ and link.guardian > %(after)s order by link.guardian limit %(limit)s) page
			left join `tabGuardian` guardian on guardian.name = page.guardian
			left join `tabUser` user on user.name = guardian.user
			order by page.guardian""",
			{**self.values(), "after": after, "limit": limit},
		)

	def children(self, guardians: list[str]) -> dict[str, list[str]]:
		if not guardians:
			return {}
		rows = frappe.db.sql(
			"select link.guardian, link.parent "
			+ LINKS
			+ self.members
			+ " and link.guardian in %(guardians)s order by link.parent",
			{**self.values(), "guardians": guardians},
		)
		children: dict[str, list[str]] = {}
		for guardian, child in rows:
			children.setdefault(guardian, []).append(child)
		return children

	@classmethod
	def standings(cls, asked: list[Asked], emergency: bool) -> dict[str, Standing]:
		homes = read_homes(people(asked))
		permissions = read_permissions(asked)
		forbidden = restricted_numbers(permissions)
		country = country_code()
		found = {}
		for one in asked:
			home = homes.get(one.person)
			if home is None:
				continue
			allowed = tuple(
				student
				for student in one.students
				if may_hear(permissions.get((student, one.person)), emergency)
				and (one.phone, student) not in forbidden
			)
			state, postal_code = home
			person = Person(country, state or None, postal_code or None, restricted=not allowed)
			found[one.key] = Standing(person, allowed)
		return found


LINKS = """from `tabStudent Guardian` link join `tabStudent` student on student.name = link.parent
	where link.parenttype = 'Student' and student.enabled = 1"""


class StudentGroupGuardians(GuardianSource):
	label = "Guardians of a Student Group"
	audience_doctype = "Student Group"
	members = """ and link.parent in (select member.student from `tabStudent Group Student` member
		where member.parent = %(group)s and member.parenttype = 'Student Group' and member.active = 1)"""


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
				"select name, country, state, pincode from `tabStudent` where enabled = 1 and name in %s",
				(people(asked),),
			)
		}
		codes = {country: country_code(country) for country in {home[0] for home in homes.values()}}
		found = {}
		for one in asked:
			if home := homes.get(one.person):
				country, state, postal_code = home
				person = Person(codes[country], state or None, postal_code or None)
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


def current_academic_year() -> str | None:
	if frappe.db.exists("DocType", "Education Settings"):
		return frappe.db.get_single_value("Education Settings", "current_academic_year")


def read_homes(guardians: tuple[str, ...]) -> dict[str, tuple[str | None, str | None]]:
	"""guardian -> (state, postal code)."""
	rows = frappe.db.sql(
		"select guardian.name, "
		+ column("Guardian", "guardian", "dialer_state")
		+ ", "
		+ column("Guardian", "guardian", "dialer_postal_code")
		+ " from `tabGuardian` guardian where guardian.name in %s",
		(guardians,),
	)
	return {name: (state, postal_code) for name, state, postal_code in rows}


def read_permissions(asked: list[Asked]) -> dict[tuple[str, str], str]:
	"""(student, guardian) -> contact permission ("All" where nothing is recorded), of the people asked about and of whoever
	a court order keeps from one of their students."""
	students = tuple({student for one in asked for student in one.students})
	if not students:
		return {}
	permission = column("Student Guardian", "link", "dialer_contact_permission")
	rows = frappe.db.sql(
		"select link.parent, link.guardian, "
		+ permission
		+ """ from `tabStudent Guardian` link where link.parenttype = 'Student' and link.parent in %(students)s
		and (link.guardian in %(guardians)s or """
		+ permission
		+ " = %(barred)s)",
		{"students": students, "guardians": people(asked), "barred": BY_COURT_ORDER},
	)
	permissions: dict[tuple[str, str], str] = {}
	for student, guardian, granted in rows:
		known = permissions.get((student, guardian))
		permissions[student, guardian] = stricter(known, granted) if known else granted or "All"
	return permissions


def may_hear(permission: str | None, emergency: bool) -> bool:
	"""None: the two are not linked, or no longer."""
	return permission == "All" or (emergency and permission == EMERGENCY_ONLY)


def stricter(one: str, other: str | None) -> str:
	return max(one, other or "All", key=lambda each: STRICTNESS.index(each) if each in STRICTNESS else 1)


def restricted_numbers(permissions: dict[tuple[str, str], str]) -> set[tuple[str, str]]:
	"""(E.164, student) of guardians whom a court order bars: a line shared with one would tell them."""
	barred = [pair for pair, permission in permissions.items() if permission == BY_COURT_ORDER]
	if not barred:
		return set()
	numbers = {
		name: first_numbers(mobile, alternate)
		for name, mobile, alternate in frappe.db.sql(
			"select name, mobile_number, alternate_number from `tabGuardian` where name in %s",
			(tuple({guardian for _student, guardian in barred}),),
		)
	}
	return {
		(number, student)
		for student, guardian in barred
		for raw in numbers.get(guardian, ())
		if (number := e164(raw))
	}


def e164(raw: str) -> str:
	try:
		return parse(raw).e164
	except InvalidNumber:
		return ""
