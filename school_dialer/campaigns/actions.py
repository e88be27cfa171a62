"""Actions on a campaign.

Every status change is one conditional UPDATE. If two people or two schedulers act at once, only one of them
succeeds.
"""

import frappe
from frappe import _
from frappe.email.doctype.email_account.email_account import EmailAccount
from frappe.utils import cint

from school_dialer import clock, states
from school_dialer.audience.base import source_of
from school_dialer.bounds import plain_text
from school_dialer.campaigns import scale_check, student_records
from school_dialer.campaigns.approval import check as approval
from school_dialer.campaigns.approval import seal
from school_dialer.campaigns.transitions import WrongState, move, try_move
from school_dialer.compliance.rules.emergency import same_person
from school_dialer.compliance.vocabulary import EMERGENCY_TYPES
from school_dialer.jobs import EMERGENCY_QUEUE, PLAN_QUEUE
from school_dialer.refusal import throw
from school_dialer.roles import APPROVER, OFFICER
from school_dialer.settings.carrier_settings import check_ready

FALLBACK_TEXTS = "left join `tabDialer Recipient` text on text.fallback_of = orig.name"
WANTS_TEXT = (
	"(campaign.text_fallback = 1 and ifnull(orig.fallback_of, '') = '' and ifnull(orig.fallback, '') = '')"
)
WANTS_MAIL = """(campaign.email_fallback = 1 and ifnull(orig.fallback_of, '') = ''
	and ((campaign.text_fallback = 0 and ifnull(orig.fallback, '') = '') or orig.fallback = 'No Text'
	or (orig.fallback = 'Text' and text.status in ('Blocked', 'Not Reached'))))"""
"""SQL conditions for follow-ups that are still owed.

They refer to `campaign`, to `orig` (a recipient that no call reached), and to `text` (its follow-up text,
joined by `FALLBACK_TEXTS`).
"""


def start(name: str, confirmed: int = 0) -> str:
	"""Start the campaign, or request approval if it needs one. Return the new status.

	`confirmed` is the number of people that the user agreed to where `scale_check.question` asks; without it,
	raise `scale_check.NotConfirmed`. Nothing is enqueued if an error is raised.
	"""
	campaign = frappe.get_doc("Dialer Campaign", name)
	refuse_unless(campaign, states.DRAFT, states.SCHEDULED)
	validate_campaign(campaign)
	asked = {"requested_by": frappe.session.user, "requested_at": clock.db_now()}
	if waits_for(campaign):
		ask_for_approval(campaign, states.DRAFT, states.SCHEDULED)
		return states.AWAITING
	asked |= scale_check.confirm(campaign, confirmed) | seal.NOTHING_ASKED
	move(name, states.PREPARING, **asked, started_at=clock.db_now(), status_message=None)
	enqueue_plan(name)
	return states.PREPARING


def ask_for_approval(campaign, *sources: str, changed_by: tuple[str, ...] = ()) -> None:
	"""Request approval of the campaign as it is now, and store the request on it.

	`changed_by`: users who changed the campaign after an earlier approval. They may not approve it.
	"""
	move(
		campaign.name,
		states.AWAITING,
		sources,
		requested_by=frappe.session.user,
		requested_at=clock.db_now(),
		status_message=None,
		**seal.fields(campaign.name, changed_by),
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
	ask_for_approval(campaign, states.AWAITING, changed_by=before.changed_by if before else ())


def schedule(name: str, confirmed: int = 0) -> str:
	"""Schedule the campaign for its own start time, which must be in the future. Return the new status.

	`confirmed` works as in `start`: at the start time there is no user to ask. Emergencies and surveys that
	need approval raise ValidationError.
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
	move(
		name,
		states.SCHEDULED,
		requested_by=frappe.session.user,
		requested_at=clock.db_now(),
		status_message=None,
		**scale_check.confirm(campaign, confirmed),
	)
	return states.SCHEDULED


def approve(name: str, seen: str | None = None) -> None:
	"""Approve an emergency or a survey about protected topics as the second person.

	`seen` is the `asked_digest` that the approver looked at. Raise PermissionError for a user without the
	role, for the requester, and for anyone who changed the campaign after an earlier approval. Raise
	`approval.check.Changed` if the campaign differs from the request, or the request differs from `seen`.
	Enqueues planning, and for an emergency the dispatcher.
	"""
	approval.refuse_unseen(name, seen)
	campaign = frappe.get_doc("Dialer Campaign", name)
	refuse_unless(campaign, states.AWAITING)
	refuse_unless_approver(campaign)
	if one_person(campaign.requested_by, frappe.session.user):
		throw(
			_("You asked for this call yourself. A second person has to approve it."), frappe.PermissionError
		)
	validate_campaign(campaign)
	approval.refuse_changed(campaign)
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
	)
	emergency = campaign.purpose == "Emergency"
	enqueue_plan(name, emergency=emergency)
	if emergency:
		enqueue_dispatch(emergency=True)


def waits_for(campaign) -> str | None:
	"""Return the role whose approval the campaign needs before it starts, or None."""
	if campaign.purpose == "Emergency":
		return APPROVER
	return OFFICER if student_records.awaits_officer(campaign) else None


def refuse_unless_approver(campaign) -> None:
	role = waits_for(campaign) or OFFICER
	if role not in frappe.get_roles():
		throw(_("Only a {0} decides on this campaign.").format(_(role)), frappe.PermissionError)


def one_person(one: str, other: str) -> bool:
	"""Return True if two logins belong to one person.

	That is the same login however it is written, or the same email address, as Administrator's may be.
	"""
	if same_person(one, other):
		return True
	emails = [frappe.db.get_value("User", user, "email") for user in (one, other)]
	return any(
		same_person(first, second)
		for first in filter(None, (one, emails[0]))
		for second in filter(None, (other, emails[1]))
	)


def reject(name: str, reason: str) -> None:
	"""Send the campaign back to draft with the approver's reason. Cancel it if it already has recipients."""
	refuse_unless_approver(frappe.get_doc("Dialer Campaign", name))
	said = _("Not approved: {0}").format(reason or _("no reason given"))
	if approval.has_begun(name):
		cancel(name)
		frappe.db.set_value("Dialer Campaign", name, "status_message", said, update_modified=False)
	else:
		move(name, states.DRAFT, status_message=said, **seal.NOTHING_ASKED)


def back_to_draft(name: str) -> None:
	"""Return the campaign to draft.

	Raise ValidationError if it already has recipients: it is then evidence of what was said to people.
	"""
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
	check_ready(campaign.channel)
	if found := approval.changes_of(campaign):
		approval.send_back(name, found)
		return states.AWAITING
	target = states.RUNNING if campaign.planned_at else states.PREPARING
	now = clock.db_now()
	move(name, target, status_message=None, resumed_at=now)
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
		"school_dialer.attempts.revocation.cancel_queued_calls",
		queue=EMERGENCY_QUEUE,
		campaign=name,
		enqueue_after_commit=True,
	)
	return cint(waiting)


def complete_if_done(name: str) -> bool:
	"""Complete the campaign if no recipient is waiting, in a call, or in an unknown state.

	Return True if it was completed. If a follow-up text or email is still owed, enqueue that job instead.
	"""
	still_open = frappe.db.sql(
		"select name from `tabDialer Recipient` where campaign = %s and status in %s limit 1",
		(name, states.OPEN),
	)
	if still_open:
		return False
	if fallback_owed(name):
		enqueue_fallback(name)
		return False
	return try_move(name, states.COMPLETED, ended_at=clock.db_now())


def fallback_owed(name: str) -> bool:
	"""Return True if a household that no call reached is still owed the campaign's text or email."""
	return bool(
		frappe.db.sql(
			f"""select orig.name from `tabDialer Campaign` campaign
			join `tabDialer Recipient` orig on orig.campaign = campaign.name and orig.status = 'Not Reached'
			{FALLBACK_TEXTS} where campaign.name = %(name)s and campaign.status = 'Running'
			and (campaign.deadline is null or campaign.deadline > %(now)s)
			and ({WANTS_TEXT} or {WANTS_MAIL}) limit 1""",
			{"name": name, "now": clock.db_now()},
		)
	)


def validate_campaign(campaign) -> None:
	"""Raise ValidationError now for anything that would stop this campaign later."""
	check_ready(campaign.channel)
	if campaign.scheduled_at and campaign.status == states.DRAFT:
		if clock.from_db(campaign.scheduled_at) <= clock.now() and campaign.purpose != "Emergency":
			throw(_("The start {0} is in the past.").format(frappe.format(campaign.scheduled_at, "Datetime")))
	if campaign.deadline and clock.from_db(campaign.deadline) <= clock.now():
		throw(_("The deadline, {0}, is in the past.").format(frappe.format(campaign.deadline, "Datetime")))
	if campaign.purpose == "Emergency" and campaign.emergency_type not in EMERGENCY_TYPES:
		throw(_("Choose the kind of emergency."))
	check_template(campaign)
	student_records.validate_student_records(campaign)
	check_fallback(campaign)
	source = source_of(campaign)
	source.check()
	if not source.chunk("", 1)[0]:
		throw(
			_("This audience is empty: {0}.").format(
				" ".join(filter(None, (_(campaign.audience_source), plain_text.line(campaign.audience_name))))
			)
		)


def check_fallback(campaign) -> None:
	if campaign.text_fallback:
		check_ready("Text")
	if campaign.email_fallback and not EmailAccount.find_outgoing():
		throw(
			_("Set up a default outgoing Email Account first, or untick {0}.").format(
				_(campaign.meta.get_label("email_fallback"))
			)
		)


def check_template(campaign) -> None:
	template = frappe.get_doc("Dialer Message Template", campaign.template)
	if template.purpose != campaign.purpose:
		throw(
			_("The message {0} is for {1}, the campaign for {2}.").format(
				plain_text.line(template.name), _(template.purpose), _(campaign.purpose)
			)
		)
	if not template.get(campaign.channel.lower()):
		throw(
			_("The message {0} has no words for the channel {1}.").format(
				plain_text.line(template.name), _(campaign.channel)
			)
		)
	scale_check.check_words(campaign)


def refuse_unless(campaign, *allowed: str) -> None:
	if campaign.status not in allowed:
		throw(_("This campaign is {0} already.").format(_(campaign.status)), WrongState, title=_("Not now"))


def enqueue_plan(name: str, emergency: bool = False) -> None:
	"""Enqueue the planner. An extra job is harmless: it exits at once."""
	frappe.enqueue(
		"school_dialer.campaigns.planning.planner.run",
		queue=EMERGENCY_QUEUE if emergency else PLAN_QUEUE,
		at_front=emergency,
		enqueue_after_commit=True,
		campaign=name,
	)


def enqueue_fallback(name: str) -> None:
	"""Enqueue the follow-up texts and emails. An extra job is harmless: it exits at once."""
	frappe.enqueue(
		"school_dialer.followup.fallback.run", queue=EMERGENCY_QUEUE, enqueue_after_commit=True, campaign=name
	)


def enqueue_dispatch(emergency: bool = False, worker: int = 0) -> None:
	"""Enqueue a dispatcher. An emergency goes to the front of the queue.

	One dispatcher per lane (`emergency` and `worker`) serves all campaigns. An extra job exits at once.
	"""
	frappe.enqueue(
		"school_dialer.dispatch.dispatcher.run",
		queue=EMERGENCY_QUEUE if emergency else PLAN_QUEUE,
		at_front=emergency,
		enqueue_after_commit=True,
		emergency=emergency,
		worker=worker,
	)
