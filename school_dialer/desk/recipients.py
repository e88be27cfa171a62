"""What the form of a recipient shows beside its fields."""

import frappe

from school_dialer.dialing import retries
from school_dialer.dialing.call_order import from_json
from school_dialer.phone import mask


@frappe.whitelist()
def call_order(recipient: str) -> list[dict]:
	"""The household's numbers, masked, in the order in which they are called: person, number, attempts, and which one is next.

	Empty when there is one number only.
	"""
	doc = frappe.get_doc("Dialer Recipient", recipient)
	doc.check_permission("read")
	tries, current = retries.tries_of(doc.name), retries.line_of(doc)
	return [
		{
			"person": line.person_name,
			"phone": mask(line.phone),
			"attempts": tries[line.key],
			"current": line.key == current.key,
		}
		for line in from_json(doc.call_order)
	]
