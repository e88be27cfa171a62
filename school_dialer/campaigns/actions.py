"""Actions on a campaign.

Every status change is one conditional UPDATE. If two people or two schedulers act at once, only one of them
succeeds.
"""

from collections.abc import Collection

import frappe
from frappe import _
from frappe.utils import cint, get_datetime

from school_dialer.base import clock, states
from school_dialer.base.bounds import plain_text
from school_dialer.base.jobs import EMERGENCY_QUEUE
from school_dialer.base.refusal import throw
from school_dialer.base.roles import APPROVER, OFFICER
from school_dialer.campaigns import notifications, related, scale_check, student_records
from school_dialer.campaigns.approval import check as approval
from school_dialer.campaigns.approval import seal
from school_dialer.campaigns.plausibility import day_meant, questions
from school_dialer.campaigns.queues import (
	end_calls,
	enqueue_dispatch,
	enqueue_plan,
	enqueue_public_alert,
)
from school_dialer.campaigns.teachers import standing
from school_dialer.campaigns.transitions import WrongState, move
from school_dialer.campaigns.validation import refuse_end_before_start, validate_campaign
from school_dialer.schools import approvers, registry, users
from school_dialer.settings.carrier_settings import check_ready


def start(name: str, confirmed: int = 0, agreed: Collection[str] = ()) -> str:
	"""Start the campaign, or request approval if it needs one. Return the new status.

	`confirmed` is the number of people that the user agreed to where `scale_check.question` asks; without it,
	raise `scale_check.NotConfirmed`. `agreed` are the keys of the questions of `plausibility` that the user
	confirmed; without them, raise `questions.NotConfirmed`. An emergency is never refused for them. Nothing
	is enqueued if an error is raised.
	"""
	campaign = frappe.get_doc("Dialer Campaign", name)
	refuse_unless(campaign, states.DRAFT, states.SCHEDULED)
	validate_campaign(campaign)
	asked = {"requested_by": frappe.session.user, "requested_at": clock.db_now()}
	if waits_for(campaign):
		refuse_without_approver(campaign)
	about = questions.confirmed(campaign, agreed)
	mass = {} if waits_for(campaign) else scale_check.confirm(campaign, confirmed)
	day_meant.end_with_it(campaign, clock.db_now())
	if waits_for(campaign) or about.second_person:
		ask_for_approval(campaign, states.DRAFT, states.SCHEDULED, about=about, mass=mass)
		return states.AWAITING
	asked |= mass | seal.NOTHING_ASKED | about.fields
	move(name, states.PREPARING, **asked, started_at=clock.db_now(), status_message=None)
	cancel_corrected(campaign)
	enqueue_plan(name, emergency=bool(campaign.corrects))
	return states.PREPARING


def ask_for_approval(
	campaign,
	*sources: str,
	changed_by: tuple[str, ...] = (),
	about: questions.Asked,
	mass: dict | None = None,
) -> None:
	"""Request approval of the campaign as it is now, and store the request on it.

	`changed_by`: users who changed the campaign after an earlier approval. They may not approve it. `about`:
	what the requester was asked. `mass`: the fields of `scale_check.confirm`.
	"""
	move(
		campaign.name,
		states.AWAITING,
		sources,
		requested_by=frappe.session.user,
		requested_at=clock.db_now(),
		status_message=None,
		**seal.fields(campaign.name, changed_by, about.keys),
		**about.fields,
		**(mass or {}),
	)


def ask_again(name: str) -> None:
	"""Request approval again for a campaign that was changed while it waited.

	The new request covers the campaign's current state. Neither the user who requests it nor anyone who
	changed the campaign while it ran may approve it.
	"""
	campaign = frappe.get_doc("Dialer Campaign", name)
	refuse_unless(campaign, states.AWAITING)
	validate_campaign(campaign)
	before = seal.read_request(name)
	by = before.changed_by if before else ()
	day_meant.end_with_it(campaign, clock.db_now())
	ask_for_approval(campaign, states.AWAITING, changed_by=by, about=questions.asked_again(campaign))


def schedule(name: str, confirmed: int = 0, agreed: Collection[str] = ()) -> str:
	"""Schedule the campaign for its own start time, which must be in the future. Return the new status.

	`confirmed` and `agreed` work as in `start`: at the start time there is no user to ask. Emergencies and
	what needs approval raise ValidationError.
	"""
	campaign = frappe.get_doc("Dialer Campaign", name)
	refuse_unless(campaign, states.DRAFT)
	if campaign.purpose == "Emergency":
		throw(_("An emergency is not scheduled. Press Start to ask for approval."))
	if waits_for(campaign):
		throw(
			_(
				"A survey about protected topics is not scheduled. "
				"Press Start to ask a Compliance Officer for approval."
			)
		)
	if not campaign.scheduled_at:
		throw(_("Say when the campaign starts, in the field Schedule for."))
	validate_campaign(campaign)
	refuse_end_before_start(campaign)
	about = questions.for_schedule(campaign, agreed) | scale_check.confirm(campaign, confirmed)
	day_meant.end_with_it(campaign, get_datetime(campaign.scheduled_at))
	move(
		name,
		states.SCHEDULED,
		requested_by=frappe.session.user,
		requested_at=clock.db_now(),
		status_message=None,
		**about,
	)
	return states.SCHEDULED


def approve(name: str, seen: str | None = None, agreed: Collection[str] = ()) -> None:
	"""Approve an emergency or a survey about protected topics as the second person.

	`seen` is the `asked_digest` that the approver looked at, `agreed` what they confirmed beyond what the
	requester was asked. Raise PermissionError for a user without the
	role, for the requester, and for anyone who changed the campaign after an earlier approval. Raise
	`approval.check.Changed` if the campaign differs from the request, or the request differs from `seen`.
	Enqueues planning, and for an emergency the dispatcher.
	"""
	approval.refuse_unseen(name, seen)
	# The campaign is locked before its recipients, as the planner does it: otherwise each may wait for the
	# other, and the person who approves an emergency gets an error.
	frappe.db.sql("select name from `tabDialer Campaign` where name = %s for update", name)
	campaign = frappe.get_doc("Dialer Campaign", name)
	refuse_unless(campaign, states.AWAITING)
	refuse_unless_approver(campaign)
	if approvers.is_one_person(campaign.requested_by, frappe.session.user):
		throw(
			_("You asked for this call yourself. A second person has to approve it."), frappe.PermissionError
		)
	validate_campaign(campaign)
	approval.refuse_changed(campaign)
	about = questions.at_approval(campaign, seal.read_request(name).about, agreed)
	approval.forget_plan(name)
	now = clock.db_now()
	move(
		name,
		states.PREPARING,
		(states.AWAITING,),
		approved_by=frappe.session.user,
		approved_at=now,
		started_at=now,
		status_message=None,
		**about,
	)
	notifications.answer_teacher(campaign, approved=True)
	cancel_corrected(campaign)
	emergency = campaign.purpose == "Emergency"
	enqueue_plan(name, emergency=emergency or bool(campaign.corrects))
	if emergency:
		enqueue_dispatch(emergency=True)
		enqueue_public_alert()


def waits_for(campaign) -> str | None:
	"""Return the role whose approval the campaign needs before it starts, or None."""
	if campaign.purpose == "Emergency":
		return APPROVER
	if campaign.teacher:
		return standing.approver_of(campaign)
	return OFFICER if student_records.awaits_officer(campaign) else None


def refuse_without_approver(campaign) -> None:
	"""Raise ValidationError in a district if no one else may approve this school's emergency."""
	if campaign.purpose == "Emergency" and registry.is_district():
		if not approvers.approvers_of(campaign.school) - {frappe.session.user}:
			throw(
				_(
					"No one else may approve this emergency. Name an approver in the school's form: {0}."
				).format(plain_text.line(campaign.school or _("the district")))
			)


def refuse_unless_approver(campaign) -> None:
	role = waits_for(campaign) or OFFICER
	if role == APPROVER and approvers.is_of_another(frappe.session.user, campaign.school):
		throw(
			_("You approve emergencies of other schools. Ask an approver of this one or of the district."),
			frappe.PermissionError,
		)
	if role not in frappe.get_roles():
		throw(_("Only a {0} decides on this campaign.").format(_(role)), frappe.PermissionError)
	if campaign.teacher:
		users.require(campaign.get("school"))


def reject(name: str, reason: str) -> None:
	"""Send the campaign back to draft with the approver's reason.

	Cancel it if it already has recipients, and a teacher's message always: the teacher writes another one.
	"""
	campaign = frappe.get_doc("Dialer Campaign", name)
	refuse_unless_approver(campaign)
	message = _("Not approved: {0}").format(reason or _("no reason given"))
	if campaign.teacher or approval.has_begun(name):
		notifications.answer_teacher(campaign, approved=False)
		cancel(name)
		frappe.db.set_value("Dialer Campaign", name, "status_message", message, update_modified=False)
	else:
		move(name, states.DRAFT, status_message=message, **seal.NOTHING_ASKED)


def back_to_draft(name: str) -> None:
	"""Return the campaign to draft.

	Raise ValidationError if it already has recipients: it is then evidence of what was said to people.
	"""
	if frappe.db.get_value("Dialer Campaign", name, "teacher"):
		throw(_("This is a teacher's message. Send it back with a reason, or cancel it."))
	if approval.has_begun(name):
		throw(
			_("This campaign has begun already. Ask again for its approval, or cancel it and duplicate it.")
		)
	move(name, states.DRAFT, status_message=None, **seal.NOTHING_ASKED)


def pause(name: str, reason: str | None = None) -> None:
	"""Pause the campaign. No new calls start; calls already with the carrier finish normally."""
	move(name, states.PAUSED, status_message=reason)


def resume(name: str) -> str:
	"""Resume a paused campaign. Return the new status.

	The circuit breaker counts the carrier's refusals from now on. Recipients that were to wait after a
	refusal become due at once. A campaign that was changed after its approval goes back to Awaiting Approval.
	"""
	campaign = frappe.get_doc("Dialer Campaign", name)
	refuse_unless(campaign, states.PAUSED)
	related.refuse_what_was_wrong(name)
	check_ready(campaign.channel, campaign)
	standing.check(campaign)
	if changed := approval.changes_of(campaign):
		approval.send_back(name, changed)
		return states.AWAITING
	target = states.RUNNING if campaign.planned_at else states.PREPARING
	now = clock.db_now()
	move(name, target, status_message=None, resumed_at=now, **questions.confirmed_by_resuming(campaign))
	frappe.db.sql(
		"update `tabDialer Recipient` set not_before = %s "
		"where campaign = %s and status = 'Pending' and not_before > %s",
		(now, name, now),
	)
	if target == states.RUNNING:
		enqueue_dispatch(emergency=campaign.purpose == "Emergency")
	else:
		enqueue_plan(name, emergency=campaign.purpose == "Emergency")
	return target


def cancel(name: str) -> int:
	"""Cancel the campaign for good. Return the number of recipients that were still waiting.

	Enqueues a job that cancels calls still in the carrier's queue.
	"""
	move(name, states.CANCELLED, ended_at=clock.db_now())
	recipient = frappe.qb.DocType("Dialer Recipient")
	(
		frappe.qb.update(recipient)
		.set(recipient.status, "Cancelled")
		.where((recipient.campaign == name) & recipient.status.isin(states.WAITING))
		.run()
	)
	waiting = frappe.db.sql("select row_count()")[0][0]
	frappe.enqueue(
		"school_dialer.outbound.attempts.revocation.cancel_queued_calls",
		queue=EMERGENCY_QUEUE,
		campaign=name,
		enqueue_after_commit=True,
	)
	return cint(waiting)


def cancel_corrected(campaign) -> None:
	"""Cancel the rest of the campaign that this one corrects, and have its calls ended."""
	if campaign.corrects and may_still_call(campaign.corrects):
		cancel(campaign.corrects)
	if campaign.corrects:
		end_calls(campaign.corrects)


def may_still_call(name: str) -> bool:
	return frappe.db.get_value("Dialer Campaign", name, "status") not in states.ENDED


def refuse_unless(campaign, *allowed: str) -> None:
	if campaign.status not in allowed:
		throw(_("This campaign is {0} already.").format(_(campaign.status)), WrongState, title=_("Not now"))
