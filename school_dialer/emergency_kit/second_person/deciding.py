"""The decision of an approver who was asked: the campaign's own approval, as that user.

`campaigns.actions.approve` checks the role, the school, that the approver is not who asked for it, and that
the campaign is what was sealed when this approver was asked.
"""

import frappe
from frappe import _

from school_dialer.base import states
from school_dialer.base.refusal import throw
from school_dialer.base.without_permission import as_person
from school_dialer.campaigns import actions
from school_dialer.emergency_kit.second_person import asks


class Decided(frappe.ValidationError):
	"""It was decided meanwhile, or this try does not count any more."""


def decide(ask, approves: bool) -> None:
	"""Approve or reject the emergency as the user of this try, which the caller has locked.

	Raise `Decided`, or what `actions.approve` raises; then nothing has changed. The caller commits.
	"""
	if not asks.is_valid(ask) or not frappe.db.get_value("User", ask.user, "enabled"):
		throw(_("This was decided meanwhile, or it is too late."), Decided)
	if frappe.db.get_value("Dialer Campaign", ask.campaign, "status") != states.AWAITING:
		throw(_("This was decided meanwhile, or it is too late."), Decided)
	with as_person(ask.user):
		if approves:
			actions.approve(ask.campaign, seen=ask.asked_digest)
		else:
			actions.reject(ask.campaign, _("{0} did not approve it.").format(frappe.utils.get_fullname()))
			actions.cancel(ask.campaign)
			message = _("{0} did not approve it.").format(frappe.utils.get_fullname())
			frappe.db.set_value("Dialer Campaign", ask.campaign, "status_message", message)
	asks.close(ask.name, asks.APPROVED if approves else asks.REJECTED)
	asks.end_others(ask.start, but=ask.name)
