"""Send no one news of a record that they may not read.

Frappe lets each user follow any record whose changes are tracked, whether they may read it or not. A job of
Administrator mails them its changes and comments, such as a court order on a student's link to a guardian.
What the job reads is read for the follower (`asker`), and there is no news of a record that is hidden from
them.
"""

from collections.abc import Callable
from functools import wraps

import frappe
from frappe.desk.form import document_follow

WATCHES = "watches_for_school_dialer"


def begin() -> None:
	"""Start asking for the follower's right. Hook for before_request and before_job."""
	if not hasattr(document_follow.get_message, WATCHES):
		document_follow.get_message = watched(document_follow.get_message)


def watched(read: Callable) -> Callable:
	@wraps(read)
	def run(doc_name: str, doctype: str, frequency: str, user: str) -> list:
		return read(doc_name, doctype, frequency, user) if may_read(doctype, doc_name, user) else []

	setattr(run, WATCHES, True)
	return run


def may_read(doctype: str, name: str, user: str) -> bool:
	return bool(
		frappe.db.exists(doctype, name) and frappe.has_permission(doctype, "read", doc=name, user=user)
	)
