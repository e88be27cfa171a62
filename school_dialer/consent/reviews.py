"""What a person said that a human has to look at. An opt-out, where the number is known, holds meanwhile."""

import secrets

import frappe

from school_dialer import clock
from school_dialer.phone import mask
from school_dialer.stamp import stamp

DOCTYPE = "Dialer Review"
UNSURE, NOT_KNOWN, SEVERAL = "Unsure words", "Sender not known", "Several people"
CONFIRM = "Privacy choice to confirm"


def ask(
	reason: str,
	*,
	reference_doctype: str,
	reference_name: str,
	phone: str | None = None,
	consent_event: str | None = None,
) -> str:
	"""Put one thing before the humans: `reason` is one of this module's. Returns the name of the review."""
	name = secrets.token_hex(8)
	values = {
		"name": name,
		**stamp(clock.db_now()),
		"status": "Open",
		"reason": reason,
		"phone_masked": mask(phone) if phone else None,
		"consent_event": consent_event,
		"reference_doctype": reference_doctype,
		"reference_name": reference_name,
	}
	review = frappe.qb.DocType(DOCTYPE)
	frappe.qb.into(review).columns(*values).insert(*values.values()).run()
	return name


def close(name: str, note: str) -> None:
	"""Somebody looked: `note` says what they did."""
	values = {
		"status": "Done",
		"closed_by": frappe.session.user,
		"closed_at": clock.db_now(),
		"note": note,
	}
	frappe.db.set_value(DOCTYPE, name, values)
