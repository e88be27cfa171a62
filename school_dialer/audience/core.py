"""People in Frappe's own address book."""

import frappe
from frappe.query_builder import DocType

from school_dialer.audience.base import Asked, Candidate, Source, Standing, country_code, first_numbers, page
from school_dialer.compliance import Person


class Contacts(Source):
	label = "All contacts"
	person_doctype = "Contact"

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		contact, user = DocType("Contact"), DocType("User")
		rows = (
			frappe.qb.from_(contact)
			.left_join(user)
			.on(user.name == contact.user)
			.select(
				contact.name,
				contact.first_name,
				contact.last_name,
				contact.mobile_no,
				contact.phone,
				user.language,
			)
			.where((contact.unsubscribed == 0) & (contact.name > after))
			.orderby(contact.name)
			.limit(limit)
			.run(as_dict=True)
		)
		candidates = [
			Candidate(
				"Contact",
				row.name,
				" ".join(filter(None, (row.first_name, row.last_name))),
				first_numbers(row.mobile_no, row.phone),
				row.language or "",
			)
			for row in rows
		]
		return candidates, page(rows, limit, "name")

	@classmethod
	def standings(cls, asked: list[Asked], emergency: bool) -> dict[str, Standing]:
		contact, address = DocType("Contact"), DocType("Address")
		rows = (
			frappe.qb.from_(contact)
			.left_join(address)
			.on(address.name == contact.address)
			.select(contact.name, address.state, address.pincode, address.country)
			.where(contact.name.isin(sorted({one.person for one in asked})))
			.run(as_dict=True)
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
				found[one.key] = Standing(person)
		return found
