"""Where the comparison is made: at the approval, before each chunk that is planned or dialed, and when a paused campaign goes on."""

import frappe
from frappe import _

from school_dialer import clock, states
from school_dialer.campaigns import notifications
from school_dialer.campaigns.approval import changes, seal
from school_dialer.campaigns.approval.changes import Change
from school_dialer.compliance.model import EMERGENCY
from school_dialer.compliance.rules.emergency import same_person
from school_dialer.transactions import retried

ASK_AGAIN = "Ask again"


class Changed(frappe.ValidationError):
	"""The campaign is not what was asked for."""


def refuse_changed(campaign) -> None:
	"""At the approval. Raises `Changed` with what changed, by whom, and how to ask again; PermissionError for who made the change."""
	if found := changes.changes_of(campaign.name):
		frappe.throw(
			_(
				"This is not what was asked for any more: {0}. Nobody is called. The person who asked presses {1} once it is right, and you "
				"look at it as it is then."
			).format(changes.in_words(found), _(ASK_AGAIN)),
			Changed,
			title=_("Changed since the request"),
		)
	asked = seal.read_request(campaign.name)
	if any(same_person(user, frappe.session.user) for user in asked.changed_by):
		frappe.throw(
			_("You changed this campaign after it was approved. A second person has to approve it."),
			frappe.PermissionError,
		)


def refuse_unseen(campaign: str, seen: str | None) -> None:
	"""Raise `Changed` unless the approver looked at what is asked for now. Holds the campaign's row, so that no second request comes between."""
	now = frappe.db.get_value("Dialer Campaign", campaign, "asked_digest", for_update=True)
	if seen is not None and seen != (now or ""):
		frappe.throw(
			_("It was asked for again while you looked at it. Close this, and look at it as it is now."),
			Changed,
			title=_("Changed since the request"),
		)


def holds(campaign) -> bool:
	"""Whether this campaign, or row of one, is still what was approved. If not, it waits for approval again when this returns; committed."""
	found = changes_of(campaign)
	if found:
		retried(lambda: send_back(campaign.name, found))
		frappe.db.commit()
		notifications.notify_now(campaign.name)
	return not found


def compare_running() -> None:
	"""Compare every campaign that is being planned or dialed, also one with nobody due now: an emergency does not wait unseen."""
	rows = frappe.get_all(
		"Dialer Campaign",
		{"status": ("in", states.CALLING)},
		["name", "purpose", "approved_by", "asked_digest"],
		order_by="name",
		limit_page_length=0,
	)
	for row in rows:
		holds(row)


def changes_of(campaign) -> list[Change]:
	"""How it differs from what was approved; nothing of a campaign that needs no approval."""
	if campaign.purpose == EMERGENCY or campaign.approved_by or campaign.asked_digest:
		return changes.changes_of(campaign.name)
	return []


def send_back(name: str, found: list[Change]) -> None:
	"""Stop a campaign that is not what was approved: nobody else is called, and it waits for approval as it is now. Its approvers and who
	asked for it are told."""
	from school_dialer.campaigns.actions import try_move

	by = tuple(sorted({change.by for change in found if change.by}))
	said = _("Calling stopped, since it is not what was approved: {0}. It has to be approved again.")
	moved = try_move(
		name,
		states.AWAITING,
		states.APPROVED,
		approved_by=None,
		approved_at=None,
		planned_at=None,
		plan_cursor=None,
		status_message=said.format(changes.in_words(found)),
		requested_at=clock.db_now(),
		pending_notification=notifications.CHANGED,
		pending_notification_actor="",
		**seal.fields(name, by),
	)
	if moved:
		forget_plan(name)


def forget_plan(name: str) -> None:
	"""Those who wait for a call were chosen from what was approved before. The next plan takes up whom it finds again (`planned.add`)."""
	frappe.db.sql(
		"""update `tabDialer Recipient` set status = 'Cancelled', verdict = 'BLOCK', claim = null, outcome = %s
		where campaign = %s and status in %s""",
		(_("The campaign was changed after it was approved.")[:140], name, states.WAITING),
	)


def has_begun(name: str) -> bool:
	return bool(frappe.db.sql("select name from `tabDialer Recipient` where campaign = %s limit 1", name))
