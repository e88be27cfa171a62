"""Whether the school has to do with a number: it was called or texted, or stands in the ledger.

Only such a number gets a text that somebody else than its holder asked for. A text or call from it is not enough: who sends one may show
any number.
"""

import frappe


def is_known(phone: str) -> bool:
	"""``phone`` is E.164."""
	recorded = frappe.db.exists("Consent Head", {"phone": phone})
	called = frappe.db.exists("Dialer Call Log", {"phone": phone, "direction": "Outbound"})
	return bool(recorded or called)


def was_known(event) -> bool:
	"""As `is_known`, before this Consent Event was recorded; or it came with a person, on whose record the number stands."""
	called = {"phone": event.phone, "direction": "Outbound"}
	return event.seq > 1 or bool(event.person) or bool(frappe.db.exists("Dialer Call Log", called))
