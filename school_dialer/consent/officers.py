"""Notices to the people who answer for consent."""

import frappe

ROLE = "Dialer Compliance Officer"


def tell(subject: str) -> None:
	"""A notice in the Desk for every Compliance Officer. ``subject`` holds no number and no name.

	Scheduler jobs call this: they run for nobody in particular, so it is written without asking for permission.
	"""
	officers = frappe.get_all(
		"Has Role", {"role": ROLE, "parenttype": "User"}, pluck="parent", distinct=True, order_by="parent"
	)
	for user in officers:
		notice = {"doctype": "Notification Log", "subject": subject, "for_user": user, "type": "Alert"}
		frappe.get_doc(notice).insert(ignore_permissions=True)
