"""Keep mail from the addresses that stand for families on tickets, whichever app, rule or user sends it."""

import frappe

from school_dialer.help_desk.tickets import kinds


def before_insert(doc, method: str | None = None) -> None:
	"""Take a ticket's family off the recipients of a mail (doc_events of Email Queue)."""
	kept = [row for row in doc.recipients if not kinds.is_placeholder(row.recipient)]
	if len(kept) < len(doc.recipients):
		doc.set("recipients", kept)
		doc.show_as_cc = ",".join(
			address for address in (doc.show_as_cc or "").split(",") if not kinds.is_placeholder(address)
		)
		if not kept:
			doc.status = "Sent"
			doc.flags.for_no_one = True


def after_insert(doc, method: str | None = None) -> None:
	"""Delete a mail that was to no one else. It never was to be sent."""
	if doc.flags.for_no_one:
		frappe.db.delete("Email Queue", {"name": doc.name})
