"""What Frappe writes into each document by itself, for rows that a statement of ours writes."""

from datetime import datetime

import frappe


def stamp(at: datetime | str | None = None) -> dict:
	"""Owner and times (site time, by default now), to go first in a row's columns."""
	user, now = frappe.session.user, at or frappe.utils.now()
	return {"owner": user, "modified_by": user, "creation": now, "modified": now}
