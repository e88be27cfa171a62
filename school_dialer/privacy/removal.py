"""The room's one way past permissions: what holds personal data is deleted by the night, which is nobody in particular, and for an officer
who has been asked by `desk.privacy` whether they may."""

import frappe


def remove(doctype: str, name: str) -> None:
	"""For good: Frappe keeps no copy among its deleted documents."""
	frappe.delete_doc(doctype, name, ignore_permissions=True, force=True, delete_permanently=True)
