"""Notify school staff: Frappe's Notification Log, and e-mail for those who want it.

A notification holds no phone number, no family's name and nothing from a record, because it travels by
e-mail.
"""

from collections.abc import Collection

import frappe

from school_dialer.base.roles import STAFF, SYSTEM_MANAGER, TEACHER, with_roles
from school_dialer.base.without_permission import write_notice
from school_dialer.schools import rows


def may_open_app() -> bool:
	"""Hook of `add_to_apps_screen`: whether the current user has work in this app."""
	return not {*STAFF, SYSTEM_MANAGER}.isdisjoint(frappe.get_roles())


def may_open_teachers() -> bool:
	"""Hook of `add_to_apps_screen`: whether the current user is a teacher who sends messages."""
	return TEACHER in frappe.get_roles()


def wanting(users: Collection[str], by: str) -> set[str]:
	"""Return the users whose Notification Settings do not turn off `by`.

	``by`` is a field: enabled, or enable_email_notifications.
	"""
	off = frappe.get_all(
		"Notification Settings",
		{"name": ("in", list(users)), by: 0},
		pluck="name",
		order_by="name",
	)
	return set(users) - set(off)


def alarm(role: str, subject: str, doctype: str | None = None, name: str | None = None) -> None:
	"""Notify every user with this role about something that one of them must act on.

	If all of them turned their notifications off, all are notified anyway.
	"""
	alarm_users(rows.readers(with_roles(role), doctype, name), subject, doctype, name)


def alarm_users(
	users: Collection[str], subject: str, doctype: str | None = None, name: str | None = None
) -> None:
	"""Notify these users as `alarm` does."""
	ring(wanting(users, "enabled") or set(users), subject, doctype, name)


def notify(users: Collection[str], subject: str, doctype: str, name: str) -> None:
	"""Add a notification for each of these users who wants them."""
	ring(wanting(users, "enabled"), subject, doctype, name)


def ring(users: Collection[str], subject: str, doctype: str | None, name: str | None) -> None:
	"""Add a notification for each of these users, whatever their settings, who may see what it is about."""
	for user in sorted(rows.readers(users, doctype, name)):
		write_notice(
			{
				"doctype": "Notification Log",
				"type": "Alert",
				"for_user": user,
				"subject": subject,
				"document_type": doctype,
				"document_name": name,
			}
		)


def mail(users: Collection[str], subject: str, *, message: str = "", **more) -> int:
	"""Queue one e-mail to each of these users who wants e-mail, in Frappe's own queue.

	Returns the number of recipients: 0 on a site that cannot send e-mail.
	"""
	about = (more.get("reference_doctype"), more.get("reference_name"))
	recipients = addresses(wanting(rows.readers(users, *about), "enable_email_notifications"))
	if not recipients or not can_send():
		return 0
	frappe.sendmail(recipients=recipients, subject=subject, message=message, **more)
	return len(recipients)


def addresses(users: Collection[str]) -> list[str]:
	emails = frappe.get_all("User", {"name": ("in", list(users))}, pluck="email", order_by="email")
	return [email for email in emails if email]


def can_send() -> bool:
	return bool(frappe.db.exists("Email Account", {"enable_outgoing": 1, "default_outgoing": 1})) or bool(
		frappe.conf.get("mail_server")
	)
