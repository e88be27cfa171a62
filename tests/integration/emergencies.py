"""Emergencies as the staff starts them: one user asks for approval and a second one approves.

The staff is created if the site lacks it.
"""

import frappe

from dev.demo.people import APPROVER, MANAGER
from dev.school import users
from school_dialer.campaigns import actions
from tests.integration import factories as make

FIRE = {"emergency_type": "Fire", "emergency_reason": "Smoke in the hall"}


def approved(numbers: list[str], **values):
	"""Return an emergency campaign to these numbers that a second user has approved.

	With `doc` it is that campaign. It is not planned yet.
	"""
	doc = asked_for(numbers, **values)
	approve(doc.name)
	return doc


def asked_for(numbers: list[str], doc=None, **values):
	"""Return an emergency campaign that waits for the second user's approval."""
	users.create()
	doc = doc or make.campaign(numbers, purpose="Emergency", **{**FIRE, **values})
	frappe.db.commit()
	as_user(MANAGER, actions.start, doc.name)
	return doc


def approve(name: str) -> None:
	as_user(APPROVER, actions.approve, name)


def as_user(user: str, action, name: str) -> None:
	frappe.set_user(user)
	try:
		action(name)
		frappe.db.commit()
	finally:
		frappe.set_user("Administrator")
