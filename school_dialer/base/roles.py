"""The app's roles and what each is for.

The Desk receives them at boot as `frappe.boot.school_dialer.roles`.
"""

from collections.abc import Collection

import frappe

AGENT = "Dialer Agent"
"""Logs opt-outs and sees masked numbers."""
MANAGER = "Dialer Manager"
"""Builds and starts campaigns."""
OFFICER = "Dialer Compliance Officer"
"""Keeps the ledger, policies and privacy requests, and approves surveys about protected topics."""
APPROVER = "Dialer Emergency Approver"
"""The required second person who approves emergency calls."""
TEACHER = "Dialer Teacher"
"""Sends approved messages to the families of their own groups, and sees no number. Has no right on any
record."""
SYSTEM_MANAGER = "System Manager"
"""Frappe's own role: maintains the site."""

STAFF = (AGENT, MANAGER, OFFICER, APPROVER)
"""Roles that work in the app's workspace."""
ALL = (*STAFF, TEACHER)
AGENTS = (AGENT, MANAGER, OFFICER)
"""Roles that act on consent and phone numbers."""
MANAGERS = (MANAGER, OFFICER)
"""Roles that act on campaigns and on many numbers at once."""
LEADERS = (SYSTEM_MANAGER, *MANAGERS, APPROVER)
"""Roles that see a week's figures of all families, who are not named there."""
HEALTH = (SYSTEM_MANAGER, MANAGER)
"""Roles warned when calls are due and nothing moves."""


def with_roles(*roles: str, among: Collection[str] | None = None) -> set[str]:
	"""Return the enabled users who have one of these roles: all of them, or those among these users."""
	role, user = frappe.qb.DocType("Has Role"), frappe.qb.DocType("User")
	query = (
		frappe.qb.from_(role)
		.join(user)
		.on(user.name == role.parent)
		.select(user.name)
		.distinct()
		.where((role.parenttype == "User") & role.role.isin(roles) & (user.enabled == 1))
	)
	if among is not None:
		query = query.where(user.name.isin(sorted({*among, ""})))
	return {name for (name,) in query.run()}
