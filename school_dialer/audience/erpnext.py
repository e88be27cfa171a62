"""Staff, from ERPNext's or HR's Employee."""

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


class Employees(Source):
	label = "All employees"
	person_doctype = "Employee"
	subjects = {"Employee": "employee"}
	among = """from `tabEmployee` employee left join `tabUser` user on user.name = employee.user_id
		where employee.status = 'Active'"""

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		rows = frappe.db.sql(
			"select employee.name, employee.employee_name, employee.cell_number, user.language "
			+ self.among
			+ self.narrowed("Employee")
			+ " and employee.name > %(after)s order by employee.name limit %(limit)s",
			{**self.filters.values(), "after": after, "limit": limit},
		)
		candidates = [
			Candidate("Employee", name, person_name or "", first_numbers(cell), language or "")
			for name, person_name, cell, language in rows
		]
		return candidates, page(rows, limit, 0)

	def count(self) -> Counted:
		return self.count_of("Employee", first_number("employee", "cell_number"), self.among)

	@classmethod
	def standings(cls, asked: list[Asked], emergency: bool) -> dict[str, Standing]:
		rows = frappe.db.sql(
			"select name from `tabEmployee` where status = 'Active' and name in %s", (people(asked),)
		)
		current = {name for (name,) in rows}
		standing = Standing(Person(country=country_code()))
		return {one.key: standing for one in asked if one.person in current}
