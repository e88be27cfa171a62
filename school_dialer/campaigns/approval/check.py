"""Where the comparison with the approval happens.

It runs at approval, before each chunk is planned or dialed, and when a paused campaign resumes.
"""

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.base.database.transactions import retried
from school_dialer.base.refusal import throw
from school_dialer.campaigns import notifications
from school_dialer.campaigns.approval import changes, seal
from school_dialer.campaigns.approval.changes import Change
from school_dialer.campaigns.parties import informing
from school_dialer.campaigns.teachers import standing
from school_dialer.compliance.rules.emergency import same_person
from school_dialer.compliance.vocabulary import EMERGENCY

ASK_AGAIN = "Ask again"
TEACHERS = ("teacher", "audience_source", "audience_name", "template", "school")
"""Columns that `standing.held_back` reads, besides the name and the purpose."""


class Changed(frappe.ValidationError):
	"""The campaign differs from the approval request."""


def refuse_changed(campaign) -> None:
	"""Raise `Changed` if the campaign differs from the request.

	The message says what changed, who changed it, and how to ask again.

	Raise PermissionError for a user who changed the campaign after an earlier approval.
	"""
	if changed := changes.changes_of(campaign.name):
		throw(
			_(
				"This is no longer what was asked for: {0}. No one is called. "
				"The person who asked presses {1} once it is right, and you "
				"look at it as it is then."
			).format(changes.in_words(changed), _(ASK_AGAIN)),
			Changed,
			title=_("Changed since the request"),
		)
	asked = seal.read_request(campaign.name)
	if any(same_person(user, frappe.session.user) for user in asked.changed_by):
		throw(
			_("You changed this campaign after it was approved. A second person has to approve it."),
			frappe.PermissionError,
		)


def refuse_unseen(campaign: str, seen: str | None) -> None:
	"""Raise `Changed` unless the approver looked at the current request.

	Locks the campaign's row, so that no second request can come in between.
	"""
	now = frappe.db.get_value("Dialer Campaign", campaign, "asked_digest", for_update=True)
	if seen is not None and seen != (now or ""):
		throw(
			_("It was asked for again while you looked at it. Close this, and look at it as it is now."),
			Changed,
			title=_("Changed since the request"),
		)


def enforce(campaign) -> bool:
	"""Let only what was approved, and is still its teacher's, go on. Return whether this campaign may.

	Otherwise move it (a document or a row) back to Awaiting Approval, or hold a teacher's message back;
	commit, and notify.
	"""
	if reason := standing.held_back([campaign]).get(campaign.name):
		hold_back(campaign.name, reason)
		return False
	return not send_back_changed(campaign)


def send_back_changed(campaign) -> bool:
	"""Send back a campaign that is not what was approved; commit, and notify. Return whether it was."""
	changed = changes_of(campaign)
	if changed:
		retried(lambda: send_back(campaign.name, changed))
		# It has stopped before anyone is notified: a notification that fails starts nothing again.
		frappe.db.commit()
		notifications.notify_now(campaign.name)
	return bool(changed)


def hold_back(name: str, reason: str) -> None:
	"""Pause a teacher's message that its teacher may not send any more. Commits, and notifies managers."""
	from school_dialer.campaigns.transitions import try_move

	moved = retried(lambda: try_move(name, states.PAUSED, states.CALLING, status_message=reason))
	frappe.db.commit()
	if moved:
		notifications.notify_now(name)


def compare_running() -> None:
	"""Compare every campaign that is being planned or dialed, including those with no recipient due now.

	An emergency must not wait unnoticed.
	"""
	rows = frappe.get_all(
		"Dialer Campaign",
		{"status": ("in", states.CALLING)},
		["name", "purpose", "approved_by", "asked_digest", *TEACHERS],
		order_by="name",
	)
	held = standing.held_back(rows)
	for name, reason in held.items():
		hold_back(name, reason)
	for row in rows:
		if row.name not in held:
			send_back_changed(row)


def changes_of(campaign) -> list[Change]:
	"""Return the differences from what was approved; none for a campaign that needs no approval."""
	if campaign.purpose == EMERGENCY or campaign.approved_by or campaign.asked_digest:
		return changes.changes_of(campaign.name)
	return []


def send_back(name: str, changed: list[Change]) -> None:
	"""Stop a campaign that is not what was approved, and request approval of its current state.

	No one else is called. The approvers and the requester are notified.
	"""
	from school_dialer.campaigns.transitions import try_move

	by = tuple(sorted({change.by for change in changed if change.by}))
	message = _("Calling stopped, since it is not what was approved: {0}. It has to be approved again.")
	moved = try_move(
		name,
		states.AWAITING,
		states.APPROVED,
		approved_by=None,
		approved_at=None,
		planned_at=None,
		plan_cursor=None,
		status_message=message.format(changes.in_words(changed)),
		requested_at=clock.db_now(),
		pending_notification=notifications.CHANGED,
		pending_notification_actor="",
		**seal.fields(name, by),
	)
	if moved:
		forget_plan(name)


def forget_plan(name: str) -> None:
	"""Cancel waiting recipients: they were chosen from what was approved before.

	The next plan takes up those it finds again (`campaigns.planning.recipients.add_candidates`), and families
	whose text in place of a call still waited are owed one again.
	"""
	frappe.db.sql(
		"""update `tabDialer Recipient` orig
		join `tabDialer Recipient` text on text.fallback_of = orig.name and text.status in %s
		set orig.fallback = null where orig.campaign = %s""",
		(states.WAITING, name),
	)
	why = _("The campaign was changed after it was approved.")[:140]
	informing.withdraw_waiting(name, (*states.WAITING, states.BLOCKED), why)
	frappe.db.sql(
		"""update `tabDialer Recipient` set status = 'Cancelled', verdict = 'BLOCK', claim = null,
			outcome = %s
		where campaign = %s and status in %s""",
		(why, name, states.WAITING),
	)


def has_begun(name: str) -> bool:
	return bool(frappe.db.sql("select name from `tabDialer Recipient` where campaign = %s limit 1", name))
