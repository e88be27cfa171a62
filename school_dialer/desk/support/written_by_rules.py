"""Let no rule that is made in the Desk write records of this app: no Workflow of Frappe, and no Notification.

Frappe writes the first state of a Workflow into each record where its field is empty, such as the reason for
which a legal hold ended, and the Workflow then refuses what the app saves. A Notification may set a field
after it was sent. Neither asks for a right on the record. A Notification that only tells of one may stay.
"""

import frappe
from frappe import _
from frappe.model.document import Document

from school_dialer.base.refusal import throw
from school_dialer.schools.decisions import DECISIONS


def check_workflow(doc: Document, _event: str | None = None) -> None:
	"""Refuse a Workflow on a DocType of this app. Hook for before_validate: Frappe writes in its validate."""
	if doc.document_type in DECISIONS:
		throw(
			_("A Workflow cannot change records of the dialer. Choose another Document Type."),
			frappe.PermissionError,
		)


def check_notification(doc: Document, _event: str | None = None) -> None:
	"""Refuse a Notification that sets a field of this app's records. Hook for before_validate."""
	if doc.document_type in DECISIONS and doc.set_property_after_alert:
		refuse_notification()


def check_record(doc: Document, _event: str | None = None) -> None:
	"""Refuse what an earlier Notification sets. Hook for before_validate of this app's DocTypes."""
	if doc.flags.in_notification_update:
		refuse_notification()


def refuse_notification() -> None:
	throw(
		_("A Notification cannot change records of the dialer. Leave Set Property After Alert empty."),
		frappe.PermissionError,
	)
