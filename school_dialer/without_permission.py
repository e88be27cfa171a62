"""The app's only ways around Frappe's permissions, each with its reason.

`tests/unit/dev/rules/test_without_permission.py` fails if there is another.
"""

import frappe


def write_notice(values: dict) -> None:
	"""Insert a notice from the app to staff: a notification, a ToDo, a comment on a ticket.

	The user whose action caused the notice (a job, a family by keypress or text, an agent) may lack the right
	to create such a document, and the notice holds nothing that they entered.
	"""
	frappe.get_doc(values).insert(ignore_permissions=True)


def delete_for_good(doctype: str, name: str) -> None:
	"""Delete permanently; Frappe keeps no copy among its deleted documents.

	Called by the nightly retention, by an officer whose right `desk.privacy` has checked, and by the
	uninstall.
	"""
	frappe.delete_doc(doctype, name, ignore_permissions=True, force=True, delete_permanently=True)


def note_access(doctype: str, document: str | None, what: str) -> None:
	"""Record in Frappe's Access Log what the current user does with a record, in the transaction in which it
	is done.

	Users may not write to that log, so that it can be trusted. Frappe's own function commits the open
	transaction on v15; on v16 it keeps the entry in the cache for up to a quarter of an hour, where it may be
	lost.
	"""
	log = {
		"user": frappe.session.user,
		"export_from": doctype,
		"reference_document": document,
		"method": what,
	}
	frappe.get_doc({"doctype": "Access Log", **log}).db_insert()
