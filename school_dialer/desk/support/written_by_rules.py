"""Let no rule that is made in the Desk write records of this app, in Frappe's Workflow or in another.

Frappe writes the first state of a Workflow into each record where its field is empty, such as the reason for
which a legal hold ended, and the Workflow then refuses what the app saves. A Notification may set a field
after it was sent. Auto Repeat makes copies of a record as Administrator, and a Document Naming Rule writes
words of a record, such as a person's, into its name, which stands in addresses and logs. None of these asks
for a right on the record. A Notification that only tells of one may stay.

Rules of days before this app refused them remain: `health.desk_rules` names them.
"""

import frappe
from frappe import _
from frappe.model.document import Document

from school_dialer.base.refusal import throw
from school_dialer.schools.decisions import DECISIONS

REFUSED = {
	"Workflow": "document_type",
	"Auto Repeat": "reference_doctype",
	"Document Naming Rule": "document_type",
}
"""By kind of rule that may concern no DocType of this app: the field with its DocType."""


def check_rule(doc: Document, _event: str | None = None) -> None:
	"""Refuse a rule on a DocType of this app that would write its records.

	Hook for before_validate of `REFUSED`: Frappe writes in a Workflow's validate.
	"""
	if doc.get(REFUSED[doc.doctype]) in DECISIONS:
		words = {
			"Workflow": _("A Workflow cannot change records of the dialer. Choose another Document Type."),
			"Auto Repeat": _("Auto Repeat cannot copy records of the dialer. Choose another Document Type."),
			"Document Naming Rule": _(
				"A Document Naming Rule cannot name records of the dialer. Choose another Document Type."
			),
		}
		throw(words[doc.doctype], frappe.PermissionError)


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
