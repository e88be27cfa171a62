"""Recipients that are entered by hand, over REST, or by an import, and not by the planner."""

import frappe
from frappe import _

from school_dialer.base import states
from school_dialer.base.refusal import throw
from school_dialer.campaigns import actions
from school_dialer.campaigns.call_order import line_of
from school_dialer.campaigns.parties.rows import rows_of
from school_dialer.gate import planned


def refuse(doc, method: str | None = None) -> None:
	"""Refuse a recipient that no second person would see before the call (before_insert).

	Whom an approved campaign calls follows from what was approved. So does it while it waits for approval,
	and in each campaign that needs one. A campaign that has ended calls no one else.
	"""
	campaign = frappe.get_doc("Dialer Campaign", doc.campaign)
	if campaign.status in states.ENDED:
		throw(_("This campaign has ended. No one can be added to it."), frappe.PermissionError)
	approved = campaign.status == states.AWAITING or campaign.approved_by or campaign.asked_digest
	if approved or actions.waits_for(campaign):
		throw(
			_("A second person approves whom this campaign calls. No one is added to it by hand."),
			frappe.PermissionError,
		)


def add_parties(doc, method: str | None = None) -> None:
	"""Write whom a call to this recipient tells, as the planner does (after_insert)."""
	seal_of = planned.signer(planned.PARTY)
	planned.write_parties(list(rows_of(doc.campaign, doc.name, [(line_of(doc), None)], seal_of)))
