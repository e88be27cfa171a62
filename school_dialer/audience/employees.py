"""Staff: employees from ERPNext or HR, and instructors from Education.

An instructor's number is that of their employee record.
"""

import frappe

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
from school_dialer.audience.count import first_number
from school_dialer.compliance import Person


class Employees(Source):
	label = "All employees"
	person_doctype = "Employee"
	subjects = {"Employee": "employee"}
	columns = "select employee.name, employee.employee_name, employee.cell_number, user.language "
	joined = "from `tabEmployee` employee left join `tabUser` user on user.name = employee.user_id"
	active = "employee.status = 'Active'"
	onward = " and employee.name > %(after)s order by employee.name limit %(limit)s"

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		rows = frappe.db.sql(
			self.columns + self.among + "".join(map(self.narrowed, self.subjects)) + self.onward,
			{**self.filters.values(), "after": after, "limit": limit},
		)
		candidates = [
			Candidate(self.person_doctype, name, person_name or "", (cell,), language or "")
			for name, person_name, cell, language in rows
		]
		return candidates, page(rows, limit, 0)

	def count(self) -> Counted:
		number = first_number("employee", "cell_number")
		others = (subject for subject in self.subjects if subject != self.person_doctype)
		return self.count_of(self.person_doctype, number, self.among + "".join(map(self.narrowed, others)))

	@property
	def among(self) -> str:
		return f"{self.joined} where {self.active}"

	@classmethod
	def standings(cls, asked: list[FactsQuery], emergency: bool) -> dict[str, ContactFacts]:
		"""Return the facts of these members of staff. One who has left is in no audience.

		An answer to what they write still goes to them, and so does a correction of what they heard.
		"""
		name = f"{cls.subjects[cls.person_doctype]}.name"
		rows = frappe.db.sql(f"select {name}, {cls.active} {cls.joined} where {name} in %s", (people(asked),))
		is_active = dict(rows)
		facts = ContactFacts(Person(country=country_code()))
		return {
			query.key: facts
			for query in asked
			if query.person in is_active and (is_active[query.person] or query.though_gone)
		}


class AllInstructors(Employees):
	label = "All instructors"
	person_doctype = "Instructor"
	subjects = {"Instructor": "instructor", "Employee": "employee"}
	columns = "select instructor.name, instructor.instructor_name, employee.cell_number, user.language "
	joined = """from `tabInstructor` instructor
		join `tabEmployee` employee on employee.name = instructor.employee
		left join `tabUser` user on user.name = employee.user_id"""
	active = "instructor.status = 'Active' and employee.status = 'Active'"
	onward = " and instructor.name > %(after)s order by instructor.name limit %(limit)s"

	@classmethod
	def needs(cls) -> tuple[str, ...]:
		return ("Instructor", "Employee")
