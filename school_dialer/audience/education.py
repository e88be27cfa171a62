"""People of the Education app: guardians, students, instructors. Fields are looked up, never assumed."""

import frappe
from frappe.query_builder import DocType
from frappe.query_builder.functions import Coalesce

from school_dialer.audience.base import (
	Asked,
	Candidate,
	Source,
	Standing,
	country_code,
	existing,
	first_numbers,
	page,
)
from school_dialer.compliance import Person
from school_dialer.phone import InvalidNumber, parse

EMERGENCY_ONLY = "Emergency Only"
BY_COURT_ORDER = "None by Court Order"


class GuardianSource(Source):
	"""Guardians of some students; a guardian comes once, with all of those students they may be told of."""

	person_doctype = "Guardian"

	@classmethod
	def needs(cls) -> tuple[str, ...]:
		return (*super().needs(), "Student", "Student Guardian")

	def students(self):
		"""The sub-query of student names in this audience."""
		raise NotImplementedError

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		link, student = DocType("Student Guardian"), DocType("Student")
		names = (
			frappe.qb.from_(link)
			.join(student)
			.on(student.name == link.parent)
			.select(link.guardian)
			.distinct()
			.where((link.parenttype == "Student") & (student.enabled == 1) & (link.guardian > after))
			.where(link.parent.isin(self.students()))
			.orderby(link.guardian)
			.limit(limit)
			.run(as_dict=True)
		)
		if not names:
			return [], None
		guardians = read_guardians([row.guardian for row in names])
		children = self.children(list(guardians))
		candidates = [
			Candidate(
				"Guardian",
				name,
				row.guardian_name,
				first_numbers(row.mobile_number, row.alternate_number),
				row.language or "",
				tuple(children.get(name, ())),
			)
			for name, row in guardians.items()
		]
		return candidates, page(names, limit, "guardian")

	def children(self, guardians: list[str]) -> dict[str, list[str]]:
		link, student = DocType("Student Guardian"), DocType("Student")
		rows = (
			frappe.qb.from_(link)
			.join(student)
			.on(student.name == link.parent)
			.select(link.guardian, link.parent)
			.where((link.parenttype == "Student") & (student.enabled == 1) & link.guardian.isin(guardians))
			.where(link.parent.isin(self.students()))
			.orderby(link.parent)
			.run()
		)
		children: dict[str, list[str]] = {}
		for guardian, child in rows:
			children.setdefault(guardian, []).append(child)
		return children

	@classmethod
	def standings(cls, asked: list[Asked], emergency: bool) -> dict[str, Standing]:
		guardians = read_guardians(sorted({one.person for one in asked}))
		students = sorted({student for one in asked for student in one.students})
		permissions = read_permissions(students)
		forbidden = restricted_numbers(permissions)
		country = country_code()

		def may_hear(one: Asked, student: str) -> bool:
			permission = permissions.get(student, {}).get(one.person)
			if permission is None or permission == BY_COURT_ORDER or (one.phone, student) in forbidden:
				return False
			return emergency or permission != EMERGENCY_ONLY

		found = {}
		for one in asked:
			if row := guardians.get(one.person):
				allowed = tuple(student for student in one.students if may_hear(one, student))
				person = Person(
					country=country,
					state=row.dialer_state or None,
					postal_code=row.dialer_postal_code or None,
					restricted=not allowed,
				)
				found[one.key] = Standing(person, allowed)
		return found


class StudentGroupGuardians(GuardianSource):
	label = "Guardians of a Student Group"
	audience_doctype = "Student Group"

	def students(self):
		return group_members(self.group)


class ProgramGuardians(GuardianSource):
	label = "Guardians of a Program"
	audience_doctype = "Program"

	@classmethod
	def needs(cls) -> tuple[str, ...]:
		return (*super().needs(), "Program Enrollment")

	def students(self):
		enrolment = DocType("Program Enrollment")
		query = (
			frappe.qb.from_(enrolment)
			.select(enrolment.student)
			.where((enrolment.docstatus == 1) & (enrolment.program == self.group))
		)
		if year := current_academic_year():
			query = query.where(enrolment.academic_year == year)
		return query


class AllGuardians(GuardianSource):
	label = "All guardians"

	def students(self):
		student = DocType("Student")
		return frappe.qb.from_(student).select(student.name).where(student.enabled == 1)


class StudentGroupStudents(Source):
	label = "Students of a Student Group"
	person_doctype = "Student"
	audience_doctype = "Student Group"

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		rows = (
			student_query()
			.where(DocType("Student").name > after)
			.where(DocType("Student").name.isin(group_members(self.group)))
			.orderby(DocType("Student").name)
			.limit(limit)
			.run(as_dict=True)
		)
		candidates = [
			Candidate(
				"Student",
				row.name,
				row.student_name,
				first_numbers(row.student_mobile_number),
				row.language or "",
				(row.name,),
			)
			for row in rows
		]
		return candidates, page(rows, limit, "name")

	@classmethod
	def standings(cls, asked: list[Asked], emergency: bool) -> dict[str, Standing]:
		student = DocType("Student")
		rows = (
			student_query().where(student.name.isin(sorted({one.person for one in asked}))).run(as_dict=True)
		)
		people = {row.name: row for row in rows}
		found = {}
		for one in asked:
			if row := people.get(one.person):
				person = Person(
					country=country_code(row.country),
					state=row.state or None,
					postal_code=row.pincode or None,
				)
				found[one.key] = Standing(person, (row.name,))
		return found


class AllInstructors(Source):
	"""Instructors have no number of their own: it is their Employee's."""

	label = "All instructors"
	person_doctype = "Instructor"

	@classmethod
	def needs(cls) -> tuple[str, ...]:
		return ("Instructor", "Employee")

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		instructor, employee, user = DocType("Instructor"), DocType("Employee"), DocType("User")
		rows = (
			frappe.qb.from_(instructor)
			.join(employee)
			.on(employee.name == instructor.employee)
			.left_join(user)
			.on(user.name == employee.user_id)
			.select(instructor.name, instructor.instructor_name, employee.cell_number, user.language)
			.where(
				(instructor.name > after) & (instructor.status == "Active") & (employee.status == "Active")
			)
			.orderby(instructor.name)
			.limit(limit)
			.run(as_dict=True)
		)
		candidates = [
			Candidate(
				"Instructor",
				row.name,
				row.instructor_name,
				first_numbers(row.cell_number),
				row.language or "",
			)
			for row in rows
		]
		return candidates, page(rows, limit, "name")

	@classmethod
	def standings(cls, asked: list[Asked], emergency: bool) -> dict[str, Standing]:
		person = Person(country=country_code())
		names = {one.person for one in asked}
		current = set(
			frappe.get_all("Instructor", {"name": ("in", list(names)), "status": "Active"}, pluck="name")
		)
		return {one.key: Standing(person) for one in asked if one.person in current}


def group_members(group: str):
	member = DocType("Student Group Student")
	return (
		frappe.qb.from_(member)
		.select(member.student)
		.where((member.parent == group) & (member.parenttype == "Student Group") & (member.active == 1))
	)


def current_academic_year() -> str | None:
	if frappe.db.exists("DocType", "Education Settings"):
		return frappe.db.get_single_value("Education Settings", "current_academic_year")


def student_query():
	student, user = DocType("Student"), DocType("User")
	query = (
		frappe.qb.from_(student)
		.left_join(user)
		.on(user.name == student.user)
		.select(
			student.name,
			student.student_name,
			student.student_mobile_number,
			student.state,
			student.pincode,
			student.country,
		)
		.where(student.enabled == 1)
	)
	if existing(["dialer_language"], "Student"):
		return query.select(Coalesce(student.dialer_language, user.language).as_("language"))
	return query.select(user.language)


def read_guardians(names: list[str]) -> dict[str, frappe._dict]:
	"""One query: numbers, language (the guardian's, then their user's) and where they live."""
	guardian, user = DocType("Guardian"), DocType("User")
	ours = existing(["dialer_language", "dialer_state", "dialer_postal_code"], "Guardian")
	rows = (
		frappe.qb.from_(guardian)
		.left_join(user)
		.on(user.name == guardian.user)
		.select(
			guardian.name,
			guardian.guardian_name,
			guardian.mobile_number,
			guardian.alternate_number,
			user.language.as_("user_language"),
			*(guardian[field] for field in ours),
		)
		.where(guardian.name.isin(names))
		.orderby(guardian.name)
		.run(as_dict=True)
	)
	for row in rows:
		row.language = row.dialer_language or row.user_language
	return {row.name: row for row in rows}


def read_permissions(students: list[str]) -> dict[str, dict[str, str]]:
	"""student -> guardian -> contact permission ("All" where nothing is recorded)."""
	if not students:
		return {}
	link = DocType("Student Guardian")
	query = (
		frappe.qb.from_(link)
		.select(link.parent, link.guardian)
		.where((link.parenttype == "Student") & link.parent.isin(students))
	)
	if existing(["dialer_contact_permission"], "Student Guardian"):
		query = query.select(link.dialer_contact_permission)
	permissions: dict[str, dict[str, str]] = {}
	for student, guardian, *permission in query.run():
		known = permissions.setdefault(student, {})
		known[guardian] = stricter(known.get(guardian), (permission and permission[0]) or "All")
	return permissions


def stricter(one: str | None, other: str) -> str:
	order = (None, "All", EMERGENCY_ONLY, BY_COURT_ORDER)
	return max(one, other, key=order.index)


def restricted_numbers(permissions: dict[str, dict[str, str]]) -> set[tuple[str, str]]:
	"""(E.164, student) of guardians whom a court order bars: a line shared with one would tell them."""
	barred = [
		(guardian, student)
		for student, guardians in permissions.items()
		for guardian, permission in guardians.items()
		if permission == BY_COURT_ORDER
	]
	if not barred:
		return set()
	people = read_guardians(sorted({guardian for guardian, _student in barred}))
	numbers = set()
	for guardian, student in barred:
		row = people.get(guardian)
		for raw in first_numbers(row.mobile_number, row.alternate_number) if row else ():
			try:
				numbers.add((parse(raw).e164, student))
			except InvalidNumber:
				continue
	return numbers
