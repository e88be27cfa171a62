"""The user's own telephone for tests: verified with a code once."""

import frappe
from frappe import _

from school_dialer.calls.own_number import code, record
from school_dialer.desk.support import access

TESTERS = ("Dialer Campaign", "Dialer Message Template", "Dialer Settings")
"""Who may change one of these may try what it says."""
MOST_A_MINUTE = 20


def allow() -> None:
	if not any(frappe.has_permission(doctype, "write") for doctype in TESTERS):
		frappe.throw(_("Your roles do not permit test calls."), frappe.PermissionError)


@frappe.whitelist()
def state() -> dict:
	"""The number, masked, whether a code waits to be entered, and the seconds until another one may be asked for."""
	allow()
	return code.state(frappe.session.user)


@frappe.whitelist(methods=["POST"])
def ask(number: str, channel: str = "Text") -> dict:
	"""Send a code by text or call (Voice). Answers as `state`; `refused` says why there is no code."""
	allow()
	access.not_too_often("own_number", MOST_A_MINUTE)
	return code.send_code(frappe.session.user, number, channel)


@frappe.whitelist(methods=["POST"])
def verify(code_sent: str) -> dict:
	"""Enter the code. `verified` is false for a wrong, used or late one alike; every try counts."""
	allow()
	access.not_too_often("own_number", MOST_A_MINUTE)
	verified = code.verify(frappe.session.user, code_sent)
	return {**code.state(frappe.session.user), "verified": verified}


@frappe.whitelist(methods=["POST"])
def forget() -> None:
	"""Forget the user's number: no test goes there any more."""
	allow()
	record.end_others(frappe.session.user)
