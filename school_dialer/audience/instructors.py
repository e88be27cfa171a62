"""Instructors of the Education app."""

import frappe

from school_dialer.audience.base import (
	Asked,
	Candidate,
	Counted,
	Source,
	Standing,
	country_code,
	page,
	people,
)
from school_dialer.audience.count import first_number
from school_dialer.audience.numbers import first_numbers
from school_dialer.compliance import Person


class AllInstructors(Source):
	"""Instructors have no number of their own: it is their Employee's."""

	label = "All instructors"
	person_doctype = "Instructor"

	subjects = {"Instructor": "instructor", "Employee": "employee"}
	among = """from `tabInstructor` instructor
		join `tabEmployee` employee on employee.name = instructor.employee
		left join `tabUser` user on user.name = employee.user_id
		where instructor.status = 'Active' and employee.status = 'Active'"""

	@classmethod
	def needs(cls) -> tuple[str, ...]:
		return ("Instructor", "Employee")

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		rows = frappe.db.sql(
			"select instructor.name, instructor.instructor_name, employee.cell_number, user.language "
			+ self.among
			+ self.narrowed("Instructor")
			+ self.narrowed("Employee")
			+ " and instructor.name > %(after)s order by instructor.name limit %(limit)s",
			{**self.filters.values(), "after": after, "limit": limit},
		)
		candidates = [
			Candidate("Instructor", name, person_name or "", first_numbers(cell), language or "")
			for name, person_name, cell, language in rows
		]
		return candidates, page(rows, limit, 0)

	def count(self) -> Counted:
		number = first_number("employee", "cell_number")
		return self.count_of("Instructor", number, self.among + self.narrowed("Employee"))

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
