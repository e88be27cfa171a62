"""Let the answers of the past to a confirmation lift no narrower stop that was there before, either."""

import frappe

from school_dialer.consent.events import RESCOPE
from school_dialer.consent.integrity import rebuild


def execute() -> None:
	"""Rebuild the numbers that answered. Commits every few hundred."""
	rows = frappe.db.sql(
		"select distinct phone from `tabConsent Event` where kind = %s order by phone", RESCOPE
	)
	rebuild.rebuild_numbers([phone for (phone,) in rows])
