"""Whether the school already knows a number: it was called or texted, or it is in the ledger.

Only a known number gets a text that someone other than its holder requested. A text or call from the number
is not enough, because a sender can show any number.
"""

import frappe


def is_known(phone: str) -> bool:
	"""Return whether ``phone`` (E.164) is known."""
	recorded = frappe.db.exists("Consent Head", {"phone": phone})
	called = frappe.db.exists("Dialer Call Log", {"phone": phone, "direction": "Outbound"})
	return bool(recorded or called)


def was_known(event) -> bool:
	"""Return whether the number was known before this Consent Event was recorded.

	It also counts as known if the event names a person, because the number is on that person's record.
	"""
	called = {"phone": event.phone, "direction": "Outbound"}
	return event.seq > 1 or bool(event.person) or bool(frappe.db.exists("Dialer Call Log", called))
