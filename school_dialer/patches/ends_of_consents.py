"""Let the consents of people who share a number end at each one's own time, as the events say."""

import frappe

from school_dialer.consent.integrity import rebuild


def execute() -> None:
	"""Rebuild the numbers that several people gave. Commits every few hundred."""
	rows = frappe.db.sql(
		"select distinct phone from `tabContact Consent` where provided_by like %s order by phone", "%\n%"
	)
	rebuild.rebuild_numbers([phone for (phone,) in rows])
