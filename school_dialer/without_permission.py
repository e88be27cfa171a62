"""The app's only ways past Frappe's permissions, each with its reason. `tests/unit/test_without_permission.py` finds any other."""

import frappe


def write_notice(values: dict) -> None:
	"""Write what the app itself has to say to staff: a line in the bell, a ToDo, a comment on a ticket.

	The person whose act led to it (a job, a family by key or text, an agent) need not have the right to write such a document, and it
	holds nothing that they entered.
	"""
	frappe.get_doc(values).insert(ignore_permissions=True)


def delete_for_good(doctype: str, name: str) -> None:
	"""Delete for good; Frappe keeps no copy among its deleted documents.

	Asked for by the nightly retention, by an officer whose right `desk.privacy` has checked, and by the uninstall.
	"""
	frappe.delete_doc(doctype, name, ignore_permissions=True, force=True, delete_permanently=True)


def note_access(doctype: str, document: str | None, what: str) -> None:
	"""Write into Frappe's Access Log what the present user does with a record, in the transaction in which it is done.

	Users may not write that log, so that it can be believed. Frappe's own function commits what is under way on v15, and on v16 keeps the
	line in the cache for up to a quarter of an hour, where it may be lost.
	"""
	log = {
		"user": frappe.session.user,
		"export_from": doctype,
		"reference_document": document,
		"method": what,
	}
	frappe.get_doc({"doctype": "Access Log", **log}).db_insert()
