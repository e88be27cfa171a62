"""Whose conversations go to whom, as Dialer Settings say: the first route that matches decides."""

import json

import frappe
from frappe import _
from frappe.desk.form import assign_to

from school_dialer.base import clock, roles
from school_dialer.base.without_permission import as_administrator
from school_dialer.inbound.conversations import conversation, office_hours
from school_dialer.inbound.conversations.conversation import CLOSED, DOCTYPE
from school_dialer.schools import registry, staff

MEMBERS = {
	"Student Group": ("Student Group Student", "parent"),
	"Program": ("Program Enrollment", "program"),
}
"""Where Education keeps the students of a group: a DocType, and its column that names the group."""


def route_of(thread: frappe._dict) -> frappe._dict | None:
	"""Return the first route that matches this conversation, or None."""
	return next(
		(row for row in frappe.get_cached_doc("Dialer Settings").conversation_routes if matches(row, thread)),
		None,
	)


def matches(route, thread: frappe._dict) -> bool:
	"""Return whether everything that the route names is true of the conversation.

	The language is compared without its region. The hours are those at which the conversation began to wait.
	"""
	if route.purpose and route.purpose != purpose_of(thread):
		return False
	if route.spoken_language and base(route.spoken_language) != base(thread.language):
		return False
	if route.school and registry.is_district() and route.school != thread.school:
		return False
	office = route.outside_hours and office_hours.read(thread.school)
	if office and office.is_open(thread.waiting_since or clock.db_now()):
		return False
	return not route.group_kind or is_in(route.group_kind, route.student_group, thread)


def base(language: str | None) -> str:
	return (language or "").replace("_", "-").partition("-")[0].lower()


def purpose_of(thread: frappe._dict) -> str | None:
	return thread.campaign and frappe.db.get_value("Dialer Campaign", thread.campaign, "purpose")


def is_in(kind: str, group: str | None, thread: frappe._dict) -> bool:
	"""Return whether one of the conversation's students is in this group or program."""
	doctype, column = MEMBERS[kind]
	students = json.loads(thread.students or "[]")
	if not (group and students and frappe.db.exists("DocType", doctype, cache=True)):
		return False
	return bool(
		frappe.db.exists(doctype, {column: group, "student": ("in", students), "docstatus": ("<", 2)})
	)


def team_of(thread: frappe._dict) -> str | None:
	"""Return the team of Helpdesk that gets the conversation's ticket, or None."""
	route = route_of(thread)
	if not (route and route.team and frappe.db.exists("DocType", "HD Team", cache=True)):
		return None
	return route.team if frappe.db.exists("HD Team", route.team) else None


def assign(name: str) -> None:
	"""Assign a conversation, and its ticket, by its route if it is no one's yet. Part of a background job.

	Those who may not read it, because of its students, are passed over.
	"""
	thread = conversation.locked(name)
	if not thread or thread.status == CLOSED or assignees(name):
		return
	route = route_of(thread)
	if route and (user := least_busy(readers(candidates(route), name))):
		with as_administrator():
			assign_record(DOCTYPE, name, user)
			if thread.ticket:
				assign_record(thread.ticket_doctype, thread.ticket, user)


def assignees(name: str) -> list[str]:
	return frappe.parse_json(frappe.db.get_value(DOCTYPE, name, "_assign") or "[]")


def candidates(route) -> set[str]:
	if route.user:
		return {route.user} if frappe.db.get_value("User", route.user, "enabled") else set()
	return staff.with_roles(route.role) if route.role else set()


def readers(users: set[str], name: str) -> list[str]:
	"""Return those of these users who answer families and may read this conversation."""
	doc = frappe.get_doc(DOCTYPE, name)
	return [
		user
		for user in sorted(users)
		if set(roles.AGENTS) & set(frappe.get_roles(user))
		and frappe.has_permission(DOCTYPE, doc=doc, user=user)
	]


def least_busy(users: list[str]) -> str | None:
	"""Return the user with the fewest open conversations; of several, the one who got one longest ago."""
	busy = {user: (0, "") for user in users}
	rows = frappe.get_all(
		"ToDo",
		{"reference_type": DOCTYPE, "allocated_to": ("in", users)},
		["allocated_to", "status", "creation"],
		order_by="creation",
	)
	for row in rows:
		count, _last = busy[row.allocated_to]
		busy[row.allocated_to] = count + (row.status == "Open"), str(row.creation)
	return min(users, key=lambda user: (*busy[user], user)) if users else None


def assign_record(doctype: str, name: str, user: str) -> None:
	"""Assign a record to a user who may read it."""
	if frappe.has_permission(doctype, "read", doc=name, user=user):
		words = _("A family is waiting for an answer.")
		assign_to.add({"doctype": doctype, "name": name, "assign_to": [user], "description": words})
