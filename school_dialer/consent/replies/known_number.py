"""Whether the school knows a number (it was called or texted, or is in the ledger), and its language.

Only a known number gets a text that someone other than its holder requested. A text or call from the number
is not enough, because a sender can show any number.
"""

import frappe

OWN_LANGUAGE = "dialer_language"


def is_known(phone: str) -> bool:
	recorded = frappe.db.exists("Consent Head", {"phone": phone})
	called = frappe.db.exists("Dialer Call Log", {"phone": phone, "direction": "Outbound"})
	return bool(recorded or called)


def language_of(phone: str) -> str:
	"""Return the language in which the school calls the person at ``phone``, or "".

	It is that on the record of the person who gave the number, or else that of the last message to it.
	"""
	given = frappe.get_all(
		"Contact Consent",
		{"phone": phone, "person": ("is", "set")},
		["person_doctype", "person"],
		order_by="granted_at desc",
		limit=1,
	)
	for row in given:
		exists = row.person_doctype and frappe.db.exists("DocType", row.person_doctype, cache=True)
		if exists and frappe.get_meta(row.person_doctype).has_field(OWN_LANGUAGE):
			language = frappe.db.get_value(row.person_doctype, row.person, OWN_LANGUAGE)
			if language:
				return language
	return language_of_last_message(phone)


def language_of_last_message(phone: str) -> str:
	last = frappe.get_all(
		"Dialer Call Log",
		{"phone": phone, "direction": "Outbound"},
		["language"],
		order_by="placed_at desc",
		limit=1,
	)
	return (last and last[0].language) or ""


def was_known(event) -> bool:
	"""Return whether the number was known before this Consent Event was recorded.

	It also counts as known if the event names a person, because the number is on that person's record.
	"""
	called = {"phone": event.phone, "direction": "Outbound"}
	return event.seq > 1 or bool(event.person) or bool(frappe.db.exists("Dialer Call Log", called))
