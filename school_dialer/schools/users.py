"""Which schools a user works for: Frappe's User Permissions on Dialer School.

A user without one is a district user, for whom nothing is narrowed. A user with one or more is a school's
user, and sees and changes only what is of these schools.
"""

from collections.abc import Collection

import frappe
from frappe import _
from frappe.core.doctype.user_permission.user_permission import get_user_permissions
from frappe.permissions import get_allowed_docs_for_doctype

from school_dialer.base.refusal import throw
from school_dialer.schools import registry


def of_user(user: str | None = None) -> frozenset[str] | None:
	"""Return the names of the user's schools, or None for a district user. Default: the session's user.

	Schools not in use count too, so that closing one shows its users nothing more. On a site whose only
	school it is, the permission narrows nothing.
	"""
	permitted = get_user_permissions(user or frappe.session.user).get(registry.DOCTYPE)
	if not permitted or frappe.db.count(registry.DOCTYPE) < 2:
		return None
	return frozenset(row.doc for row in permitted)


def students_of(user: str | None = None) -> frozenset[str] | None:
	"""Return the students to whom User Permissions limit the guardians that the user sees, or None.

	Frappe itself applies such a permission to a guardian with its children, as in a form, and to no list.
	"""
	permitted = get_user_permissions(user or frappe.session.user).get("Student")
	return frozenset(get_allowed_docs_for_doctype(permitted or (), "Guardian")) or None


def of_district(users: Collection[str]) -> set[str]:
	"""Return those of these users who work for the whole district, in one query."""
	permitted = {"allow": registry.DOCTYPE, "user": ("in", list(users))}
	narrowed = set(frappe.get_all("User Permission", permitted, pluck="user")) if users else set()
	return {user for user in users if user not in narrowed or of_user(user) is None}


def may_act_for(school: str | None, user: str | None = None) -> bool:
	"""Return True if the user may act in the name of this school; blank is the whole district."""
	schools = of_user(user)
	return schools is None or (bool(school) and school in schools)


def require(school: str | None, user: str | None = None) -> None:
	"""Raise PermissionError if the user may not act in the name of this school; blank is the district."""
	if may_act_for(school, user):
		return
	if school:
		throw(_("You may not act for another school than your own."), frappe.PermissionError)
	throw(_("Only a user of the whole district may do this."), frappe.PermissionError)
