"""Guardians of students from the Education app.

The fields are looked up in the DocTypes, never assumed. Every query here reads a chunk of people at once by
an index (see docs/performance.md). The number of queries does not depend on the number of people.
"""

from collections.abc import Iterable
from typing import ClassVar

import frappe

from school_dialer.audience import guardian_rights
from school_dialer.audience.base import Candidate, ContactFacts, Counted, FactsQuery, Source, page
from school_dialer.audience.columns import column, columns
from school_dialer.audience.count import first_number, in_sql
from school_dialer.audience.filters.education import current_academic_year
from school_dialer.audience.guardian_rights import HOME, PERMISSION, Guardian, permissions_of

ONE_GUARDIAN = "One guardian of each student"
ORDER = "dialer_contact_order"
JOINED = "from `tabStudent Guardian` link join `tabStudent` student on student.name = link.parent"
CURRENT = " where link.parenttype = 'Student' and student.enabled = 1"
NUMBER = first_number("guardian", "mobile_number", "alternate_number")


def candidate(row: Iterable[str | None], permissions: dict[str, str]) -> Candidate:
	"""Return the candidate for a row with the columns of `GuardianSource.guardian_columns`."""
	name, person_name, mobile, alternate, user_language, own_language, *home = row
	return Candidate(
		"Guardian",
		name,
		person_name or "",
		(mobile, alternate),
		own_language or user_language or "",
		tuple(permissions),
		Guardian(*(part or None for part in home), permissions),
	)


class GuardianSource(Source):
	"""Guardians of some students. Each guardian appears once, with all students they may be called about."""

	person_doctype = "Guardian"
	subjects = {"Student": "student", "Guardian": "guardian"}
	members: ClassVar[str] = ""
	"""A condition on `link`.`parent`, the student. It uses the values of `values`."""
	few: ClassVar[bool] = False
	"""Whether these students are few compared with the school."""

	@classmethod
	def needs(cls) -> tuple[str, ...]:
		return (*super().needs(), "Student", "Student Guardian")

	def values(self) -> dict:
		return {"group": self.group, **self.filters.values()}

	@property
	def links(self) -> str:
		"""The join and conditions between guardians (`link`.`guardian`) and the students in the audience."""
		return JOINED + self.conditions

	@property
	def conditions(self) -> str:
		return CURRENT + self.members + self.narrowed("Student")

	def linked(self, name: str, column: str) -> str:
		"""Return a condition that a name is in this column of a link that belongs to the audience.

		People are read in the order of their names, with a check for each whether they have such a link. A
		subquery with a limit is not turned into a join, for which MariaDB would sort all of them for every
		chunk. If there are few students, they are found first and lead to the people. The same applies to
		students narrowed by filters: filters are subqueries too and would run once per person.
		"""
		if self.few or self.narrowed("Student"):
			return f"{name} in (select {column} {self.links})"
		return f"(select link.parent {self.links} and {column} = {name} limit 1) is not null"

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		rows = self.guardians(after, limit)
		children = self.children([row[0] for row in rows])
		return [candidate(row, children.get(row[0], {})) for row in rows], page(rows, limit, 0)

	def guardians(self, after: str, limit: int) -> tuple:
		"""Return rows of name, full name, two numbers, two languages, state, postal code and time zone.

		The first language is the user's, the second the guardian's own.
		"""
		return frappe.db.sql(
			self.guardian_columns()
			+ " where guardian.name > %(after)s and "
			+ self.linked("guardian.name", "link.guardian")
			+ self.narrowed("Guardian")
			+ " order by guardian.name limit %(limit)s",
			{**self.values(), "after": after, "limit": limit},
		)

	@staticmethod
	def guardian_columns() -> str:
		return (
			"""select guardian.name, guardian.guardian_name, guardian.mobile_number,
				guardian.alternate_number,
			user.language, """
			+ columns("Guardian", "guardian", ("dialer_language", *HOME))
			+ " from `tabGuardian` guardian left join `tabUser` user on user.name = guardian.user"
		)

	def children(self, guardians: list[str]) -> dict[str, dict[str, str]]:
		"""Return guardian -> student -> contact permission."""
		if not guardians:
			return {}
		rows = frappe.db.sql(
			"select link.guardian, link.parent, "
			+ column("Student Guardian", "link", PERMISSION)
			+ " "
			+ self.links
			+ " and link.guardian in %(guardians)s order by link.guardian, link.parent",
			{**self.values(), "guardians": guardians},
		)
		return permissions_of(rows)

	def households(self, after: str, limit: int) -> tuple[list[list[Candidate]], str | None]:
		"""Return the guardians of each student, in call order, if the campaign calls one per student."""
		if self.campaign.reach != ONE_GUARDIAN:
			return super().households(after, limit)
		students = self.students(after, limit)
		households: dict[str, list[Candidate]] = {}
		for student, permission, *guardian in self.guardians_of([name for (name,) in students]):
			person = candidate(guardian, {student: permission or "All"})
			households.setdefault(student, []).append(person)
		return list(households.values()), page(students, limit, 0)

	def students(self, after: str, limit: int) -> tuple:
		"""Return the students who have a guardian, by name. Paged like `guardians`."""
		return frappe.db.sql(
			"select pupil.name from `tabStudent` pupil where pupil.name > %(after)s and "
			+ self.linked("pupil.name", "link.parent")
			+ " order by pupil.name limit %(limit)s",
			{**self.values(), "after": after, "limit": limit},
		)

	def guardians_of(self, students: list[str]) -> tuple:
		"""Return the guardians of these students by contact order.

		Guardians without a contact order come last, in the order of the student's record.
		"""
		if not students:
			return ()
		order = column("Student Guardian", "link", ORDER)
		return frappe.db.sql(
			"select link.parent, "
			+ column("Student Guardian", "link", PERMISSION)
			+ ", "
			+ self.guardian_columns().removeprefix("select ")
			+ """ join `tabStudent Guardian` link on link.guardian = guardian.name
				and link.parenttype = 'Student'
			where link.parent in %(students)s"""
			+ self.narrowed("Guardian")
			+ " order by link.parent, ifnull("
			+ order
			+ ", 0) = 0, "
			+ order
			+ ", link.idx",
			{**self.filters.values(), "students": students},
		)

	def count(self) -> Counted:
		settled, more = self.filters.counted("Guardian", NUMBER)
		among = (
			JOINED
			+ " join `tabGuardian` guardian on guardian.name = link.guardian"
			+ self.conditions
			+ self.narrowed("Guardian")
			+ settled
		)
		values = {**self.values(), **more}
		people, households, students = in_sql(
			f"select count(distinct guardian.name), count(distinct {NUMBER}), count(distinct link.parent) "
			f"{among}",
			values,
		)
		if self.campaign.reach == ONE_GUARDIAN:
			families = (
				"select group_concat(guardian.name order by guardian.name) names "
				f"{among} group by link.parent"
			)
			(households,) = in_sql(f"select count(distinct names) from ({families}) family", values)
		return Counted(people, households, students)

	@classmethod
	def standings(cls, asked: list[FactsQuery], emergency: bool) -> dict[str, ContactFacts]:
		return guardian_rights.standings(asked, emergency)


class StudentGroupGuardians(GuardianSource):
	label = "Guardians of a Student Group"
	title = "Families in a class or group"
	audience_doctype = "Student Group"
	few = True
	members = """ and link.parent in (select member.student from `tabStudent Group Student` member
		where member.parent = %(group)s and member.parenttype = 'Student Group' and member.active = 1)"""


class ProgramGuardians(GuardianSource):
	label = "Guardians of a Program"
	title = "Families in a grade"
	audience_doctype = "Program"
	members = """ and exists (select 1 from `tabProgram Enrollment` enrolment
		where enrolment.student = link.parent and enrolment.program = %(group)s and enrolment.docstatus = 1
		and (%(year)s is null or enrolment.academic_year = %(year)s))"""

	@classmethod
	def needs(cls) -> tuple[str, ...]:
		return (*super().needs(), "Program Enrollment")

	def values(self) -> dict:
		return {**super().values(), "year": current_academic_year()}


class AllGuardians(GuardianSource):
	label = "All guardians"
	title = "All families"
