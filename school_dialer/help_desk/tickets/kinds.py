"""The kinds of tickets that a conversation can be worked on as, and what differs between them."""

import frappe

HELPDESK, ERPNEXT = "HD Ticket", "Issue"
CHOICES = {"Helpdesk tickets": HELPDESK, "ERPNext issues": ERPNEXT}
"""The choices of Dialer Settings beside the Desk's own inbox."""
PRIORITIES = {HELPDESK: "HD Ticket Priority", ERPNEXT: "Issue Priority"}
OPEN, CLOSED = "Open", "Closed"
OVER = ("Resolved", CLOSED)
URGENT = ("Urgent", "High")
"""Names of priorities for an urgent conversation, the first that the site has."""
DOMAIN = "school-dialer.invalid"
"""The domain of the addresses by which tickets name a family. No mail can reach it (RFC 6761, 6.4)."""


def chosen() -> str | None:
	"""Return the DocType of the tickets that conversations open, or None for the Desk's own inbox."""
	doctype = CHOICES.get(frappe.get_cached_doc("Dialer Settings").work_in)
	return doctype if doctype and exists(doctype) and is_guarded(doctype) else None


def is_guarded(doctype: str) -> bool:
	"""Return whether this app's rule about who reads a ticket is asked (`readers`)."""
	hooks = frappe.get_hooks("has_permission").get(doctype) or [""]
	return all_hooks_decide() or hooks[-1].startswith("school_dialer.")


def all_hooks_decide() -> bool:
	"""Return whether each app's hook `has_permission` is asked, as on Frappe 16, or the last one's first."""
	return int(frappe.__version__.partition(".")[0]) >= 16


def exists(doctype: str) -> bool:
	return bool(frappe.db.exists("DocType", doctype, cache=True))


def address(conversation: str) -> str:
	"""Return what stands for the family's e-mail address on the ticket."""
	return f"family-{conversation}@{DOMAIN}"


def is_placeholder(email: str | None) -> bool:
	return (email or "").strip().rstrip(">").lower().endswith("@" + DOMAIN)


def urgent_priority(doctype: str) -> str | None:
	names = [name for name in URGENT if frappe.db.exists(PRIORITIES[doctype], name)]
	return names[0] if names else None


def is_over(doc) -> bool:
	"""Return whether the ticket is closed. In Helpdesk, schools name their statuses, of three categories."""
	return doc.status in OVER or doc.get("status_category") == "Resolved"
