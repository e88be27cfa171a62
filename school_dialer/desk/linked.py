"""Frappe's list of links to a record, without rows that the user may not read.

Frappe itself checks no permission on them.

For each row it shows what the list view shows, such as a recipient's person or the amount of a student's
fees.
"""

import frappe
from frappe.desk.form import linked_with

from school_dialer.desk.support import access


@frappe.whitelist()
def get(doctype: str, docname: str | int = "") -> dict:
	"""Return the rows that link to this record, by DocType, in place of `frappe.desk.form.linked_with.get`.

	Costs one more query per DocType. Raises PermissionError, as later releases of Frappe do, if the user may
	not read the record itself.
	"""
	access.may("read", doctype, str(docname) or None)
	found = {linked: readable(linked, rows) for linked, rows in linked_with.get(doctype, docname).items()}
	return {linked: rows for linked, rows in found.items() if rows}


def readable(doctype: str, rows: list) -> list:
	if not frappe.has_permission(doctype, "read"):
		return []
	filters = {"name": ("in", [row.name for row in rows])}
	may = set(frappe.get_list(doctype, filters, pluck="name", order_by="name"))
	return [row for row in rows if row.name in may]
