"""Staff, from ERPNext's or HR's Employee."""

import frappe
from frappe.query_builder import DocType

from school_dialer.audience.base import Asked, Candidate, Source, Standing, country_code, first_numbers, page
from school_dialer.compliance import Person


class Employees(Source):
	label = "All employees"
	person_doctype = "Employee"

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		employee, user = DocType("Employee"), DocType("User")
		rows = (
			frappe.qb.from_(employee)
			.left_join(user)
			.on(user.name == employee.user_id)
			.select(employee.name, employee.employee_name, employee.cell_number, user.language)
			.where((employee.status == "Active") & (employee.name > after))
			.orderby(employee.name)
			.limit(limit)
			.run(as_dict=True)
		)
		candidates = [
			Candidate(
				"Employee", row.name, row.employee_name, first_numbers(row.cell_number), row.language or ""
			)
			for row in rows
		]
		return candidates, page(rows, limit, "name")

	@classmethod
	def standings(cls, asked: list[Asked], emergency: bool) -> dict[str, Standing]:
		names = sorted({one.person for one in asked})
		current = set(frappe.get_all("Employee", {"name": ("in", names), "status": "Active"}, pluck="name"))
		person = Person(country=country_code())
		return {one.key: Standing(person) for one in asked if one.person in current}
