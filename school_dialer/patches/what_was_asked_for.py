"""Record the approval request of campaigns from before such records were kept.

Campaigns awaiting approval get a record of what they are now, since their approvers have yet to review them.
Approved campaigns that are under way continue and are recorded as they are at the update: stopping an
emergency because of an update would do more harm than a change made in the last few minutes.

Their people are not recorded: audiences read fields of other apps that are created after the patches.
"""

import frappe

from school_dialer.base import states
from school_dialer.campaigns.approval import seal
from school_dialer.compliance.vocabulary import EMERGENCY

UNDER_WAY = (states.AWAITING, *states.APPROVED)


def execute() -> None:
	waiting = frappe.get_all(
		"Dialer Campaign",
		{"status": ("in", UNDER_WAY), "asked_digest": ("is", "not set")},
		["name", "status", "approved_by", "purpose"],
		order_by="name",
	)
	for row in waiting:
		if row.status == states.AWAITING or row.approved_by or row.purpose == EMERGENCY:
			asked = seal.fields(row.name, with_people=False)
			frappe.db.set_value("Dialer Campaign", row.name, asked, update_modified=False)
