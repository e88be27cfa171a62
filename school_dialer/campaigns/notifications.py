"""Notifications about a campaign: it waits for approval, was paused, failed, or is complete.

Pending notifications are stored on the campaign, in the same UPDATE that changes the status: lists with
commas, of what happened (`pending_notification`) and who did it (`pending_notification_actor`). A new one is
added to those that wait, and all are cleared in the transaction that sends them. So every change is reported
once, and a dead worker loses none: the scheduler picks up what is still pending.
"""

from datetime import timedelta
from functools import partial
from itertools import zip_longest

import frappe
from frappe import _
from frappe.query_builder import Case
from frappe.query_builder.functions import Concat, Function, IfNull
from frappe.utils import escape_html, get_url_to_form

from school_dialer.base import roles, states
from school_dialer.base.database import listeners
from school_dialer.base.jobs import alone, job, report
from school_dialer.base.roles import APPROVER
from school_dialer.schools import approvers, staff

CAMPAIGN = "Dialer Campaign"
MOVED = "dialer_campaign_moved"
SOON = timedelta(minutes=2)
NOTIFIED_STATUSES = (states.AWAITING, states.PAUSED, states.COMPLETED, states.FAILED)
CHANGED = "Changed"
"""Not a status: the campaign waits for approval again because it differs from what was approved."""
TROUBLE = "Trouble"
"""Not a status: an emergency that goes on although the carrier refuses it, on some numbers or on all."""
NOT_PLANNED = "Not planned"
"""Not a status: some recipients are not called, since they are not as this app planned them."""
ADDED = "Added"
"""Not a status: some recipients are not called, since they were added after approval was asked for."""
LATE = "Late"
"""Not a status: texts of a campaign that is over turn out not to have arrived."""
OFF_RECORD = "Off record"
"""Not a status: some people are not called, since their number has left their record."""

UNTOLD = (TROUBLE, NOT_PLANNED, ADDED, LATE, OFF_RECORD)
"""What keeps people from hearing it. In an emergency the approvers are alarmed."""


def moved(campaign: str) -> None:
	"""Ask open forms of this campaign to reload after the commit. They also poll every few seconds."""
	frappe.publish_realtime(MOVED, doctype=CAMPAIGN, docname=campaign, after_commit=True)


def pending_fields(what: str, actor: str) -> dict:
	"""Return the fields that an UPDATE writes to add a notification; empty if it notifies no one.

	`actor`, the user who made the change, is not notified. The database sets the fields in this order, and
	what waits is read by all three, so it comes last.
	"""
	if what not in (*NOTIFIED_STATUSES, CHANGED, *UNTOLD):
		return {}
	row = frappe.qb.DocType(CAMPAIGN)
	waits = IfNull(row.pending_notification, "")
	since, actors = row.pending_notification_since, IfNull(row.pending_notification_actor, "")
	return {
		"pending_notification_since": Case().when(waits == "", frappe.utils.now_datetime()).else_(since),
		"pending_notification_actor": Case().when(waits == "", actor).else_(Concat(actors, ",", actor)),
		"pending_notification": Case().when(waits == "", what).else_(Concat(waits, ",", what)),
	}


def pending_of(campaign) -> dict[str, str]:
	"""Return what waits to be sent, each once and oldest first, with its actor; "" if several made it."""
	actor_of: dict[str, str] = {}
	actors = (campaign.pending_notification_actor or "").split(",")
	for what, actor in zip_longest((campaign.pending_notification or "").split(","), actors, fillvalue=""):
		if what:
			actor_of[what] = actor if actor_of.get(what, actor) == actor else ""
	return actor_of


def notify_soon(campaign: str, status: str) -> None:
	"""Notify open forms, and enqueue the notification job. Both happen after the status change commits."""
	moved(campaign)
	if status in NOTIFIED_STATUSES:
		frappe.enqueue(
			"school_dialer.campaigns.notifications.notify_pending",
			queue="short" if status == states.AWAITING else "default",
			enqueue_after_commit=True,
			campaign=campaign,
		)


def trouble(campaign: str, message: str) -> None:
	"""Report an emergency's trouble at once, including to the person who started or approved it.

	Runs in the current process, because all workers may be busy dialing. If it fails, a job and the scheduler
	try again.
	"""
	say = partial(frappe.db.set_value, CAMPAIGN, campaign, "status_message", message, update_modified=False)
	say()
	moved(campaign)
	try:
		notify_once(frappe.db.get_value(CAMPAIGN, campaign, ["*"], as_dict=True), TROUBLE, "")
	except Exception as error:
		frappe.db.rollback()
		report(f"trouble of {campaign}", error)
		say()
		notify_later(campaign, TROUBLE)
		frappe.enqueue(
			"school_dialer.campaigns.notifications.notify_pending",
			queue="short",
			at_front=True,
			enqueue_after_commit=True,
			campaign=campaign,
		)


def notify_at_once(campaign: str, what: str) -> None:
	"""Notify staff in the caller's transaction, which goes on if that fails: the scheduler tries again."""

	def send() -> None:
		notify_once(frappe.db.get_value(CAMPAIGN, campaign, ["*"], as_dict=True), what, "")

	if not listeners.tell([send], f"news of {campaign}"):
		notify_later(campaign, what)


def texts_lost(campaign: str) -> None:
	"""Let staff be notified that texts did not arrive, if the campaign is over."""
	if frappe.db.get_value(CAMPAIGN, campaign, "status") == states.COMPLETED:
		notify_later(campaign, LATE)


def notify_later(campaign: str, what: str) -> None:
	"""Let the scheduler notify staff, once for all of these minutes."""
	row = frappe.qb.DocType(CAMPAIGN)
	waits = Function("find_in_set", what, IfNull(row.pending_notification, ""))
	query = frappe.qb.update(row).where((row.name == campaign) & (waits == 0))
	for field, value in pending_fields(what, "").items():
		query = query.set(row[field], value)
	query.run()


def notify_now(campaign: str) -> None:
	"""Send the campaign's pending notifications in the current process.

	All workers may be busy dialing. If it fails, the scheduler tries again.
	"""
	try:
		notify_standing(campaign)
	except Exception as error:
		frappe.db.rollback()
		report(f"news of {campaign}", error)


def notify_abandoned() -> None:
	"""Enqueue notifications that have been pending for a while.

	The worker that should have sent them may be dead or busy; a second job finds nothing left. One job serves
	all campaigns, because everyone who waits for calls waits in the same queue.
	"""
	if waiting := abandoned():
		what = {kind for pending in waiting.values() for kind in pending.split(",")}
		frappe.enqueue(
			"school_dialer.campaigns.notifications.notify_waiting",
			queue="short" if {states.AWAITING, CHANGED} & what else "default",
			enqueue_after_commit=True,
		)


def abandoned() -> dict[str, str]:
	"""Return overdue notifications as {campaign: those that wait, with commas}, oldest first."""
	rows = frappe.get_all(
		CAMPAIGN,
		{
			"pending_notification": ("is", "set"),
			"pending_notification_since": ("<", frappe.utils.now_datetime() - SOON),
		},
		["name", "pending_notification"],
		order_by="pending_notification_since",
	)
	return {row.name: row.pending_notification for row in rows}


@job
def notify_waiting() -> None:
	"""Send all overdue notifications, one campaign at a time (background job).

	A campaign that fails does not block the others, and is tried again later.
	"""
	for campaign in abandoned():
		try:
			notify_standing(campaign)
		except Exception as error:
			frappe.db.rollback()
			report(f"news of {campaign}", error)


@job
def notify_pending(campaign: str) -> None:
	"""Send the campaign's notifications that are still pending (background job)."""
	notify_standing(campaign)


def notify_standing(campaign: str) -> None:
	with alone(f"news-{campaign}") as mine:
		doc = mine and frappe.db.get_value(CAMPAIGN, campaign, ["*"], as_dict=True, for_update=True)
		if doc and doc.pending_notification:
			for what, actor in pending_of(doc).items():
				notify_once(doc, what, actor)
			forget(doc)
			frappe.db.commit()


def forget(campaign) -> None:
	"""Clear the pending notifications unless another one has come."""
	frappe.db.sql(
		"update `tabDialer Campaign` set pending_notification = null "
		"where name = %s and pending_notification = %s",
		(campaign.name, campaign.pending_notification),
	)


def notify_once(campaign, status: str, actor: str) -> set[str]:
	"""Send one notification in the Desk and by email. Return the users who were notified.

	`actor`, the user who made the change, is left out, except that an urgent notification goes to every
	user who may approve it.
	"""
	subject = subject_of(campaign, status)
	users = concerned(campaign, status) - {actor}
	alarmed = approvers.approvers_of(campaign.school) if urgent(campaign, status) else set()
	if alarmed:
		staff.alarm_users(alarmed, subject, CAMPAIGN, campaign.name)
	staff.notify(users - alarmed, subject, CAMPAIGN, campaign.name)
	users |= alarmed
	if users:
		staff.mail(
			users,
			frappe.utils.strip_html(subject),
			message=body(campaign, status),
			reference_doctype=CAMPAIGN,
			reference_name=campaign.name,
		)
	return users


def urgent(campaign, status: str) -> bool:
	"""Return True for an emergency that is not going out as it should. Its approvers are notified."""
	return campaign.purpose == "Emergency" and status in (states.PAUSED, CHANGED, *UNTOLD)


def concerned(campaign, status: str) -> set[str]:
	"""Return the users who may see campaigns and are involved in this one or must act on it."""
	users: set[str] = set()
	if status in (states.AWAITING, CHANGED):
		users |= approving(campaign)
	if status in (CHANGED, states.PAUSED, states.FAILED, *UNTOLD):
		users |= approvers.acting_for(staff.with_roles(roles.MANAGER), campaign.school)
	if status == states.AWAITING:
		return users - {campaign.requested_by}
	involved = {campaign.owner, campaign.requested_by} - {None, ""}
	return users | (involved & staff.with_roles(roles.MANAGER, roles.OFFICER, APPROVER, "System Manager"))


def approving(campaign) -> set[str]:
	"""Return the users whose approval the campaign may wait for."""
	if campaign.purpose == "Emergency":
		return approvers.approvers_of(campaign.school)
	role = roles.MANAGER if campaign.get("teacher") else roles.OFFICER
	return approvers.acting_for(staff.with_roles(role), campaign.school)


def subject_of(campaign, status: str) -> str:
	words = {
		states.AWAITING: awaiting(campaign)[0],
		states.PAUSED: _("Paused: {0}"),
		states.COMPLETED: _("Finished: {0}"),
		states.FAILED: _("Failed: {0}"),
		TROUBLE: _("Emergency in trouble: {0}"),
		CHANGED: _("Stopped, since it was changed after its approval: {0}"),
		NOT_PLANNED: _("Some people are not called: {0}"),
		ADDED: _("Some people are not called: {0}"),
		LATE: _("Some texts did not arrive: {0}"),
		OFF_RECORD: _("Some people are not called: {0}"),
	}[status]
	return words.format(escape_html(campaign.title))


def answer_teacher(campaign, approved: bool) -> None:
	"""Notify the teacher, if it is a teacher's message, of the manager's decision.

	The reason is on the page of their messages. The notification links to nothing, since teachers may not
	read campaigns.
	"""
	if not campaign.teacher:
		return
	words = _("Your message was approved: {0}") if approved else _("Your message was sent back: {0}")
	subject = words.format(escape_html(campaign.title))
	staff.ring(staff.wanting({campaign.teacher}, "enabled"), subject, None, None)


def awaiting(campaign) -> tuple[str, str]:
	"""Return the subject and the first sentence for those who may approve."""
	if campaign.purpose == "Emergency":
		return (
			_("Emergency waiting for your approval: {0}"),
			_("A second person has to approve this emergency before anyone is called."),
		)
	if campaign.get("teacher"):
		return (
			_("Teacher's message waiting for your approval: {0}"),
			_("No family is called before a manager has approved it."),
		)
	if looks_mistaken(campaign):
		return (
			_("Campaign waiting for your approval: {0}"),
			_("Something about it looks like a mistake. Look at it, then approve or reject it."),
		)
	return (
		_("Survey of students waiting for your approval: {0}"),
		_("It asks about a protected topic. Check that parents were notified or consented, then approve it."),
	)


def looks_mistaken(campaign) -> bool:
	"""Return whether a second person is asked because something looks like a mistake.

	See `campaigns.plausibility.questions`, which keeps it.
	"""
	return '"second_person": true' in (campaign.get("plausibility") or "")


def body(campaign, status: str) -> str:
	"""Return the HTML body of the email.

	The reason for a failure may quote the audience, so it is shown only in the Desk.
	"""
	sentence = {
		states.AWAITING: awaiting(campaign)[1],
		states.PAUSED: escape_html(campaign.status_message or ""),
		states.COMPLETED: "",
		states.FAILED: _("No one else will be called. The campaign shows the reason."),
		TROUBLE: escape_html(campaign.status_message or ""),
		CHANGED: _("No one else is called until it is approved again. The campaign shows what was changed."),
		NOT_PLANNED: _(
			"This app did not plan their rows, or someone changed them elsewhere. Look at the recipients "
			"that are Blocked. Phone those who should hear this, or duplicate the campaign. The Error Log "
			"has a hint for your administrator."
		),
		ADDED: _(
			"They came into the audience after approval was asked for, and no one approved calling them. "
			"Look at the recipients that are Blocked, and at people who share a number. Phone those who "
			"should hear this, or start another campaign for them."
		),
		LATE: _(
			"The carrier reported it after the campaign had ended, so nothing follows by itself. Look at the "
			"recipients that are Not Reached. Phone those who should hear this, or try again."
		),
		OFF_RECORD: _(
			"Their numbers were changed or removed after the calls were planned, and no one approved calling "
			"new ones. Look at the recipients that are Blocked, and phone them at the number on record now."
		),
	}[status]
	counted = (states.PAUSED, states.COMPLETED, CHANGED, *UNTOLD)
	results = reached(campaign.name) if status in counted else ""
	label = _("Open the campaign")
	link = f'<a href="{get_url_to_form(CAMPAIGN, campaign.name)}">{label}</a>'
	return "".join(f"<p>{line}</p>" for line in (sentence, results, link) if line)


def reached(campaign: str) -> str:
	counts = dict(
		frappe.db.sql(
			"select status, count(*) from `tabDialer Recipient` where campaign = %s group by status", campaign
		)
	)
	return _("{0} reached, {1} not reached, {2} not called.").format(
		counts.get(states.REACHED, 0),
		counts.get(states.NOT_REACHED, 0),
		counts.get(states.BLOCKED, 0) + counts.get(states.CANCELLED, 0),
	)


tell, tell_waiting = notify_pending, notify_waiting
"""Jobs queued before 1.0.0 use these names."""
