"""The school that a call or a text of ours was of, if it can be stopped alone: in a district, one in use."""

from datetime import datetime

import frappe

from school_dialer.base import clock
from school_dialer.messages import store
from school_dialer.schools import registry


def said_in(log) -> str:
	"""Return the school of this call log as it is said in the log's language, or ""."""
	school = registry.find(log.get("school"))
	return school.identity(log.language or store.school().language) if school else ""


def last(phone: str, before: datetime) -> str:
	"""Return the school of the last campaign, but an emergency, that reached `phone` before a time (aware).

	Returns "" if that was the district's.
	"""
	calls = frappe.get_all(
		"Dialer Call Log",
		{
			"phone": phone,
			"direction": "Outbound",
			"campaign": ("is", "set"),
			"purpose": ("!=", "Emergency"),
			"placed_at": ("<=", clock.to_db(before)),
		},
		["school"],
		order_by="placed_at desc",
		limit=1,
	)
	school = registry.find(calls[0].school) if calls else None
	return school.name if school else ""


def asked_about(notice) -> str:
	"""Return the school that a confirmation names or offers to stop alone, or "".

	`notice` has phone, creation and consent_event. An opt-out of one school names it, by its name of today.
	"""
	event = frappe.db.get_value("Consent Event", notice.consent_event, ["scope", "school"], as_dict=True)
	if event and event.scope == "this school":
		return event.school or ""
	return last(notice.phone, clock.from_db(notice.creation))
