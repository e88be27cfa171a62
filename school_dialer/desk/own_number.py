"""API for the user's own phone, for tests and to be connected to families, verified once with a code."""

import frappe
from frappe import _

from school_dialer.base import roles
from school_dialer.base.refusal import throw
from school_dialer.calls.own_number import code, record
from school_dialer.desk.support import access

TESTERS = ("Dialer Campaign", "Dialer Message Template", "Dialer Settings")
"""A user who may change one of these may test it. Those who phone families need a phone too,
and emergency approvers, who are asked there."""
MOST_A_MINUTE = 20


def allow() -> None:
	phones = not {*roles.AGENTS, roles.APPROVER}.isdisjoint(frappe.get_roles())
	if not phones and not any(frappe.has_permission(doctype, "write") for doctype in TESTERS):
		throw(_("Your roles do not permit test calls."), frappe.PermissionError)


@frappe.whitelist()
def state() -> dict:
	"""Return the state of the user's own number.

	``number`` is masked. ``sent_to`` is set if a code is waiting to be entered. ``wait`` is the seconds until
	another code may be requested.
	"""
	allow()
	return code.state(frappe.session.user)


@frappe.whitelist(methods=["POST"])
def ask(number: str, channel: str = "Text") -> dict:
	"""Send a code by text or call (Voice).

	Returns the same as `state`; `refused` says why no code was sent.
	"""
	allow()
	access.not_too_often("own_number", MOST_A_MINUTE)
	return code.send_code(frappe.session.user, number, channel)


@frappe.whitelist(methods=["POST"])
def verify(code_sent: str) -> dict:
	"""Check the entered code.

	`verified` is false alike for a wrong, used or expired code; every try counts.
	"""
	allow()
	access.not_too_often("own_number", MOST_A_MINUTE)
	verified = code.verify(frappe.session.user, code_sent)
	return {**code.state(frappe.session.user), "verified": verified}


@frappe.whitelist(methods=["POST"])
def forget() -> None:
	"""Forget the user's number. No further tests go to it."""
	allow()
	record.end_others(frappe.session.user)
