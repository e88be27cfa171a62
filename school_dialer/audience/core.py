"""People in Frappe's own address book."""

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
from school_dialer.audience.columns import column
from school_dialer.audience.count import first_number
from school_dialer.audience.guardian_rights import TIME_ZONE
from school_dialer.compliance import Person


class Contacts(Source):
	label = "All contacts"
	person_doctype = "Contact"
	subjects = {"Contact": "contact"}
	among = """from `tabContact` contact left join `tabUser` user on user.name = contact.user
		where contact.unsubscribed = 0"""

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		rows = frappe.db.sql(
			"""select contact.name, contact.first_name, contact.last_name, contact.mobile_no, contact.phone,
			user.language """
			+ self.among
			+ self.narrowed("Contact")
			+ " and contact.name > %(after)s order by contact.name limit %(limit)s",
			{**self.filters.values(), "after": after, "limit": limit},
		)
		candidates = [
			Candidate(
				"Contact",
				name,
				" ".join(filter(None, (first_name, last_name))),
				(mobile, phone),
				language or "",
			)
			for name, first_name, last_name, mobile, phone, language in rows
		]
		return candidates, page(rows, limit, 0)

	def count(self) -> Counted:
		return self.count_of("Contact", first_number("contact", "mobile_no", "phone"), self.among)

	@classmethod
	def standings(cls, asked: list[FactsQuery], emergency: bool) -> dict[str, ContactFacts]:
		"""Return the facts of these contacts.

		One who unsubscribed is in no audience, and is not called by what was planned before. An answer to
		what they write still goes to them, and so does a correction of what they heard.
		"""
		homes = {
			name: home
			for name, *home in frappe.db.sql(
				"select contact.name, address.country, address.state, address.pincode, "
				+ column("Contact", "contact", TIME_ZONE)
				+ """, contact.unsubscribed from `tabContact` contact
				left join `tabAddress` address on address.name = contact.address where contact.name in %s""",
				(people(asked),),
			)
		}
		codes = {country: country_code(country) for country, *_rest in homes.values()}
		facts = {}
		for query in asked:
			if home := homes.get(query.person):
				country, *rest, unsubscribed = home
				left = bool(unsubscribed) and not query.though_gone
				place = (part or None for part in rest)
				facts[query.key] = ContactFacts(Person(codes[country], *place, restricted=left))
		return facts
