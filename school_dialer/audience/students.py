"""Students from the Education app who are called themselves."""

from dataclasses import replace

import frappe

from school_dialer.audience import barred
from school_dialer.audience.base import (
	Candidate,
	ContactFacts,
	Counted,
	FactsQuery,
	Source,
	country_code,
	page,
	people,
)
from school_dialer.audience.columns import column
from school_dialer.audience.count import first_number
from school_dialer.audience.guardian_rights import TIME_ZONE
from school_dialer.compliance import Person


class StudentGroupStudents(Source):
	label = "Students of a Student Group"
	title = "Students in a class or group"
	person_doctype = "Student"
	audience_doctype = "Student Group"
	subjects = {"Student": "student"}

	def among(self) -> str:
		return """from `tabStudent` student left join `tabUser` user on user.name = student.user
			where student.enabled = 1 and student.name in
				(select member.student from `tabStudent Group Student` member where member.parent = %(group)s
				and member.parenttype = 'Student Group' and member.active = 1)"""

	def count(self) -> Counted:
		number = first_number("student", "student_mobile_number")
		counted = self.count_of("Student", number, self.among(), {"group": self.group})
		return replace(counted, students=counted.people)

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		rows = frappe.db.sql(
			"""select student.name, student.student_name, student.student_mobile_number, user.language, """
			+ column("Student", "student", "dialer_language")
			+ " "
			+ self.among()
			+ self.narrowed("Student")
			+ " and student.name > %(after)s order by student.name limit %(limit)s",
			{**self.filters.values(), "after": after, "group": self.group, "limit": limit},
		)
		candidates = [
			Candidate(
				"Student",
				name,
				person_name or "",
				(mobile,),
				own_language or user_language or "",
				(name,),
			)
			for name, person_name, mobile, user_language, own_language in rows
		]
		return candidates, page(rows, limit, 0)

	@classmethod
	def standings(cls, asked: list[FactsQuery], emergency: bool) -> dict[str, ContactFacts]:
		homes = {
			name: home
			for name, *home in frappe.db.sql(
				"select name, country, state, pincode, date_of_birth, "
				+ column("Student", "student", TIME_ZONE)
				+ " from `tabStudent` student where (enabled = 1 or %s) and name in %s",
				(any(query.though_gone for query in asked), people(asked)),
			)
		}
		codes = {country: country_code(country) for country in {home[0] for home in homes.values()}}
		facts = {}
		forbidden = barred.numbers(set(people(asked)))
		for query in asked:
			if home := homes.get(query.person):
				country, state, postal_code, born, time_zone = home
				person = Person(
					codes[country],
					state or None,
					postal_code or None,
					time_zone or None,
					restricted=(query.phone, query.person) in forbidden,
					is_student=True,
					date_of_birth=born,
				)
				facts[query.key] = ContactFacts(person, (query.person,))
		return facts
