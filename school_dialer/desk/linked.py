"""Frappe's list of what links to a record, without the rows that the user may not read: Frappe itself asks for no permission on them.

It says of each row what the list view shows, such as the person of a recipient or the amount of a student's fees.
"""

import frappe
from frappe.desk.form import linked_with

from school_dialer.desk.support import access


@frappe.whitelist()
def get(doctype: str, docname: str | int = "") -> dict:
	"""In place of `frappe.desk.form.linked_with.get`: by DocType, the rows that link to this record. One query more for each DocType.
	Raises a PermissionError, as later releases of Frappe do, where the record itself may not be read."""
	access.may("read", doctype, str(docname) or None)
	found = {linked: readable(linked, rows) for linked, rows in linked_with.get(doctype, docname).items()}
	return {linked: rows for linked, rows in found.items() if rows}


def readable(doctype: str, rows: list) -> list:
	if not frappe.has_permission(doctype, "read"):
		return []
	filters = {"name": ("in", [row.name for row in rows])}
	may = set(frappe.get_list(doctype, filters, pluck="name", order_by="name", limit_page_length=0))
	return [row for row in rows if row.name in may]
