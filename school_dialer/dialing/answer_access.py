"""Who may see an answer. A reason for an absence is for those who may read the student; the hooks of Dialer Answer ask here."""

import json

import frappe
from frappe.model.db_query import DatabaseQuery

from school_dialer.messages.question import REASON

POLLS_ONLY = f"`tabDialer Answer`.kind != '{REASON}'"


def conditions(user: str | None = None) -> str:
	"""SQL for lists and reports: all polls, and the reasons about students all of whom the user may read."""
	if not frappe.db.exists("DocType", "Student", cache=True):
		return ""
	if not frappe.has_permission("Student", "read", user=user):
		return POLLS_ONLY
	allowed = DatabaseQuery("Student", user=user).build_match_conditions()
	if not allowed:
		return ""
	readable = (
		"(select count(*) from `tabStudent` where json_contains(`tabDialer Answer`.students, "
		f"json_quote(`tabStudent`.name)) and ({allowed}))"
	)
	return f"({POLLS_ONLY} or {readable} = json_length(`tabDialer Answer`.students))"


def allowed(doc, ptype: str = "read", user: str | None = None) -> bool:
	if doc.kind != REASON or not frappe.db.exists("DocType", "Student", cache=True):
		return True
	students = json.loads(doc.students or "[]")
	return frappe.has_permission("Student", "read", user=user) and all(
		frappe.has_permission("Student", "read", doc=student, user=user)
		for student in students
		if frappe.db.exists("Student", student)
	)
