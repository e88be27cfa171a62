"""Recipients without a valid seal: this app did not plan them, or someone changed them elsewhere since.

They are blocked, and staff is alarmed at the first of a campaign. If no recipient of a campaign has a valid
seal, the site has rather lost its key: an ordinary campaign pauses then, and goes on once the key is back. An
emergency does not pause. Staff who are alarmed at once can start another one, or phone.
"""

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.base.database.rows import update_each
from school_dialer.campaigns import notifications
from school_dialer.campaigns.transitions import try_move
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.gate import planned
from school_dialer.outbound.attempts import after_commit

CAMPAIGN, RECIPIENT = "Dialer Campaign", "Dialer Recipient"
UPDATE_SECONDS = 30
"""After so long it is looked at again whether the update is done."""
LOOKED_AT = 200
"""Recipients of a campaign of which one has a valid seal, unless the key was lost."""


def refuse(campaign: str, rows: list, alone: bool) -> None:
	"""Block these recipients, which the caller has locked, or pause their campaign.

	Until the update has sealed those who were planned before it, they wait, and others come first. `alone`:
	the caller has locked no others. Commits if it pauses; otherwise the caller commits.
	"""
	if not rows:
		return
	if not planned.older_are_sealed():
		later = frappe.utils.add_to_date(clock.db_now(), seconds=UPDATE_SECONDS, as_datetime=True)
		update_each(RECIPIENT, {row.name: {"not_before": later} for row in rows})
		return
	frappe.logger("school_dialer").error("recipients of %s without a seal: %s", campaign, len(rows))
	if alone and may_pause(campaign) and none_is_sealed(campaign):
		pause(campaign)
	else:
		block(campaign, rows)


def may_pause(campaign: str) -> bool:
	return frappe.db.get_value(CAMPAIGN, campaign, "purpose") != EMERGENCY


def none_is_sealed(campaign: str) -> bool:
	rows = frappe.db.sql(
		"""select campaign, phone, person_doctype, person, students, seal
		from `tabDialer Recipient` where campaign = %s limit %s""",
		(campaign, LOOKED_AT),
		as_dict=True,
	)
	valid, _others = planned.divided(rows)
	return not valid


def pause(campaign: str) -> None:
	"""Pause the campaign, and commit.

	The rows are given back first: who cancels a campaign takes its row before those of its recipients.
	"""
	frappe.db.commit()
	reason = _(
		"No one is called: this app's seal on each recipient is not valid. Did the site get another "
		"encryption_key? Put the earlier one back, then press Resume. Otherwise duplicate this campaign."
	)
	try_move(campaign, states.PAUSED, (states.RUNNING,), status_message=reason, pending_notification_actor="")
	frappe.db.commit()


def block(campaign: str, rows: list) -> None:
	blocked_before = {"campaign": campaign, "status": states.BLOCKED, "reasons": planned.NOT_PLANNED}
	is_first = not frappe.db.exists(RECIPIENT, blocked_before)
	why = _("This app did not plan this row, or someone changed it elsewhere.")[:140]
	blocked = {"status": states.BLOCKED, "reasons": planned.NOT_PLANNED, "outcome": why, "claim": None}
	update_each(RECIPIENT, {row.name: blocked for row in rows})
	if is_first:
		alarm(campaign)
	after_commit.complete(campaign)


def alarm(campaign: str) -> None:
	"""Notify staff, in the transaction that blocks the first: of two dispatchers at once, both may."""
	frappe.log_error(
		title="School Dialer: recipients without a seal",
		message=f"{campaign}: this app did not plan these rows, or they were changed elsewhere, or the site "
		"had another encryption_key when they were planned.",
	)
	notifications.notify_at_once(campaign, notifications.NOT_PLANNED)
