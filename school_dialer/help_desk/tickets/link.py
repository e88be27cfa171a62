"""Which ticket belongs to which conversation."""

import frappe

from school_dialer.inbound.conversations.conversation import DOCTYPE, MESSAGE


def conversation_of(doctype: str | None, ticket: str | int | None) -> str | None:
	"""Return the conversation that is worked on as this ticket, or None."""
	if not (doctype and ticket):
		return None
	return frappe.db.get_value(DOCTYPE, {"ticket": str(ticket), "ticket_doctype": doctype})


def conversation_of_communication(name: str | None) -> str | None:
	"""Return the conversation of which this communication is a message, or None."""
	return name and frappe.db.get_value(MESSAGE, {"communication": name}, "conversation")
