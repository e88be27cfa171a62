"""Frappe's list of links to a record, titles of links, and counts, without rows that the user may not read.

Frappe itself checks no permission on them: in the list on no version, in the count not on Frappe 15. Nor does
it ask whose notification is marked as read, and whose User Permissions are asked for.

For each row the list shows what the list view shows, such as a recipient's person or the amount of a
student's fees.
"""

from collections.abc import Collection

import frappe
from frappe import client
from frappe.core.doctype.user_permission import user_permission
from frappe.desk import search
from frappe.desk.doctype.notification_log import notification_log
from frappe.desk.form import linked_with

from school_dialer.audience import student_access
from school_dialer.desk.support import access
from school_dialer.privacy.ours import of_ours
from school_dialer.schools import rows as school_rows
from school_dialer.schools import users
from school_dialer.schools.decisions import DECISIONS


@frappe.whitelist()
def get(doctype: str, docname: str | int = "") -> dict:
	"""Return the rows that link to this record, by DocType, in place of `frappe.desk.form.linked_with.get`.

	Costs one more query per DocType. Raises PermissionError, as later releases of Frappe do, if the user may
	not read the record itself. Only those DocTypes are asked that the user may read: some releases of Frappe
	refuse the whole list for a single one.
	"""
	access.may("read", doctype, str(docname) or None)
	links = {}
	for linked, link in linked_with.get_linked_doctypes(doctype).items():
		if frappe.has_permission(linked, "read"):
			links |= linked_rows(doctype, str(docname), linked, link)
	return {linked: rows for linked, rows in links.items() if rows}


def linked_rows(doctype: str, docname: str, linked: str, link: dict) -> dict[str, list]:
	"""Return the rows of one DocType, or none if its list shows a field that is hidden from the user."""
	messages = len(frappe.local.message_log)
	try:
		rows = linked_with.get_linked_docs(doctype, docname, {linked: dict(link)})
	except frappe.PermissionError:
		del frappe.local.message_log[messages:]
		return {}
	return {kind: readable(kind, records) for kind, records in rows.items()}


@frappe.whitelist()
def title(doctype: str, docname: str | int) -> str:
	"""Return the title that a link shows, in place of `frappe.desk.search.get_link_title`.

	Frappe checks no permission, and the title of Education's Student is the child's name. A school's user
	gets only the name of what is not of their school, and everyone that of a child they may not read.
	"""
	if str(docname) not in with_title(doctype, [str(docname)]):
		return str(docname)
	return search.get_link_title(doctype, docname)


def with_title(doctype: str, names: Collection[str]) -> set[str]:
	"""Return those of these records whose title the user sees. Their names are all that it takes to ask."""
	if doctype in DECISIONS:
		may = frappe.has_permission(doctype, "read")
		return {name for name in names if may and school_rows.is_visible(doctype, name)}
	if doctype not in student_access.FAMILY:
		return set(names)
	condition = student_access.matching(doctype)
	if condition == student_access.NO_ROWS:
		return set()
	return student_access.among(doctype, "name", set(names), condition or "1 = 1")


def readable(doctype: str, rows: list) -> list:
	if not frappe.has_permission(doctype, "read"):
		return []
	filters = {"name": ("in", [row.name for row in rows])}
	may = set(frappe.get_list(doctype, filters, pluck="name", order_by="name"))
	return [row for row in rows if row.name in may]


@frappe.whitelist()
def count(
	doctype: str, filters: str | dict | list | None = None, debug: bool = False, cache: bool = False
) -> int:
	"""Return the number of records that meet the filters, in place of `frappe.client.get_count`.

	Of this app's DocTypes, and for a school's user of families, only those count that the user may read.
	Raises PermissionError if that is none of them.
	"""
	narrowed = users.of_user() is not None and doctype in (*DECISIONS, "Student", "Guardian")
	if not (narrowed or of_ours("DocType", doctype)):
		return client.get_count(doctype, filters, debug, cache)
	access.may("read", doctype)
	if not (narrowed or student_access.matching(doctype)):
		return client.get_count(doctype, filters)
	wanted = client.get_safe_filters(filters) or {}
	return len(frappe.get_list(doctype, filters=wanted, pluck="name", limit=0, order_by="name"))


@frappe.whitelist()
def submitted(doctype: str, name: str | int) -> dict:
	"""Return the submitted records that depend on this one, in place of `get_submitted_linked_docs`.

	They are to be canceled with it. Frappe asks for no right, and names a student's fees and absences.
	"""
	access.may("read", doctype, str(name))
	dependent = linked_with.get_submitted_linked_docs(doctype, str(name))["docs"]
	rows = [frappe._dict(row) for row in dependent]
	kinds = {row.doctype: [] for row in rows}
	for row in rows:
		kinds[row.doctype].append(row)
	docs = [row for kind, records in kinds.items() for row in readable(kind, records)]
	return {"docs": docs, "count": len(docs)}


@frappe.whitelist(methods=["POST"])
def mark_as_read(docname: str | int = "") -> None:
	"""Mark the user's own notification as read, in place of Frappe's method, which marks anyone's."""
	if docname and frappe.get_list("Notification Log", {"name": docname, "for_user": frappe.session.user}):
		notification_log.mark_as_read(docname)


@frappe.whitelist()
def own_permissions(user: str | None = None) -> dict:
	"""Return the User Permissions of this user, in place of Frappe's method, which returns anyone's.

	They name the student to whom a user is limited. Who may read all User Permissions gets those of others.
	"""
	others = user and user != frappe.session.user and not frappe.has_permission("User Permission", "read")
	return user_permission.get_user_permissions(None if others else user)
