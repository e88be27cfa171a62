"""For whom something is read: a user, by whatever method of Frappe they came, or this app's own code."""

import sys
from types import FrameType

import frappe

OWN = "school_dialer."
WATCHES = frozenset(OWN + "privacy." + name for name in ("asker", "hidden_fields", "hidden_files"))
"""They stand between the one who asks and what is read, and ask for nothing."""
IN_PLACE_OF_FRAPPE = frozenset(
	OWN + name for name in ("desk.exports", "desk.linked", "reporting.emailed_report")
)
"""Called in place of methods of Frappe (`override_whitelisted_methods`, `override_doctype_class`), for the user who called those."""
ENTRANCES = frozenset({"frappe.app", "frappe.utils.background_jobs"})
"""Beyond these lies what serves the request or runs the job (`webhooks/callback_fast_path.py` is there too), and not who asks."""
LISTS = frozenset({"frappe.model.db_query", "frappe.database.query"})
"""Their lists may be made for another user than the session's, such as those that are sent by e-mail."""


def reader() -> str | None:
	"""The user for whom Frappe reads. None when our own code does, which masks by itself, or Administrator."""
	user = frappe.session.user if getattr(frappe.local, "session", None) else None
	frame: FrameType | None = sys._getframe(1)
	while frame:
		module = frame.f_globals.get("__name__") or ""
		if module in ENTRANCES:
			break
		if module.startswith(OWN) and module not in WATCHES | IN_PLACE_OF_FRAPPE:
			return None
		if module in LISTS:
			user = getattr(frame.f_locals.get("self"), "user", None) or user
		frame = frame.f_back
	return None if user == "Administrator" else user or "Guest"
