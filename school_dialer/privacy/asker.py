"""Find out who is reading data: a user, through any Frappe method, or this app's own code."""

import sys
from types import FrameType

import frappe

OWN = "school_dialer."
WATCHES = frozenset(
	{
		*(OWN + "privacy." + name for name in ("asker", "hidden_fields", "hidden_files", "hidden_rows")),
		OWN + "reporting.followed",
		OWN + "desk.withheld",
	}
)
"""Modules between the reader and the data that read nothing on their own behalf."""
IN_PLACE_OF_FRAPPE = frozenset(
	OWN + name
	for name in ("desk.exports", "desk.linked", "privacy.prepared_reports", "reporting.emailed_report")
)
"""Modules called in place of Frappe methods, for the user who called those.

See `override_whitelisted_methods` and `override_doctype_class`.
"""
ENTRANCES = frozenset({"frappe.app", "frappe.utils.background_jobs"})
"""Frames beyond these serve the request or run the job and do not show who is reading.

`webhooks/callback_fast_path.py` is there too.
"""
LISTS = frozenset({"frappe.model.db_query", "frappe.database.query"})
"""Modules whose lists may be made for a user other than the session's, such as lists sent by email."""
FOLLOWED = "frappe.desk.form.document_follow"
"""The module whose mails about a record are made for a user who follows it."""
PRINTS, QUEUE = "attach_print", "frappe.email.doctype.email_queue.email_queue"
"""Frappe's function that prints a record into a mail, and the module that calls it when the queue sends one.

It prints for the user who put the mail there.
"""
WRITES_WORDS = frozenset(
	{
		("frappe.email.doctype.newsletter.newsletter", "get_message"),
		("frappe.automation.doctype.auto_repeat.auto_repeat", "send_notification"),
	}
)
"""Frappe's functions that fill a template of any author for people outside, also in a job of Administrator.

They see what a guest may see.
"""


def reader() -> str | None:
	"""Return the user that Frappe is reading data for, or None.

	None means Administrator or our own code, which does its own masking.
	"""
	user = frappe.session.user if getattr(frappe.local, "session", None) else None
	frame: FrameType | None = sys._getframe(1)
	printed = False
	while frame:
		module = frame.f_globals.get("__name__") or ""
		if module in ENTRANCES:
			break
		if module.startswith(OWN) and module not in WATCHES | IN_PLACE_OF_FRAPPE:
			return None
		printed = printed or frame.f_code.co_name == PRINTS
		user = served(module, frame, printed) or user
		frame = frame.f_back
	return None if user == "Administrator" else user or "Guest"


def served(module: str, frame: FrameType, printed: bool) -> str | None:
	"""Return the user for whom this module's code works, if it may work for another than the session's.

	`printed` says that it prints a record.
	"""
	if (module, frame.f_code.co_name) in WRITES_WORDS:
		return "Guest"
	if module in LISTS:
		return getattr(frame.f_locals.get("self"), "user", None)
	if module == FOLLOWED:
		return frame.f_locals.get("user")
	if module == QUEUE and printed:
		return getattr(getattr(frame.f_locals.get("self"), "queue_doc", None), "owner", None)
	return None
