"""Every minute (v15) or every four (v16): start due work, wake stalled work, end finished work.

Places no calls. What takes longer, or watches the tick itself, goes into the queue first, unless the site has
nothing to do: each job is a process, and a bench may have many sites that call no one.
"""

from collections.abc import Callable
from datetime import timedelta

import frappe

from school_dialer.base import clock, states
from school_dialer.base.database.transactions import retried
from school_dialer.base.jobs import JobFailed, enqueue_beside, job, report
from school_dialer.calls import phone_recording, pretend_line, survey_answers
from school_dialer.campaigns import notifications, standstill
from school_dialer.campaigns.approval import check as approval
from school_dialer.campaigns.completing import complete_if_done
from school_dialer.campaigns.corrections import late
from school_dialer.campaigns.due import due_campaigns
from school_dialer.campaigns.plausibility import scheduled
from school_dialer.campaigns.queues import enqueue_dispatch, enqueue_plan
from school_dialer.campaigns.transitions import try_move
from school_dialer.consent.choices import wrong_number
from school_dialer.continuity import watch
from school_dialer.emergency_kit.second_person import ladder
from school_dialer.followup import confirmations
from school_dialer.health import alert
from school_dialer.help_desk.tickets import upkeep
from school_dialer.inbound.absences import by_text as absences
from school_dialer.inbound.conversations import replies
from school_dialer.manual_calls import claiming, disclosed, listing, on_the_line
from school_dialer.outbound.attempts import callback_queue, carrier_queue
from school_dialer.outbound.pace import school_limits
from school_dialer.public_alerts.outgoing import publishing
from school_dialer.recovery import noticing
from school_dialer.settings import carrier_accounts

LATELY = timedelta(days=2)
"""For so long after its end a campaign may have left something behind."""


@job
def tick() -> None:
	"""Run each step in its own transaction (job of the scheduler).

	A step that hits a deadlock is retried. A step that fails, or times out waiting for a row lock, is
	reported, and the other steps still run. Raises JobFailed with the names of the failed steps.
	"""
	frappe.db.commit()
	start_beside()
	if failed := [name_of(step) for step in STEPS if not run_step(step)]:
		raise JobFailed(", ".join(failed))


def start_beside() -> None:
	"""Enqueue the other jobs of each minute, unless the site is idle. A failure is reported."""
	try:
		if not is_idle():
			enqueue_beside()
	except Exception as error:
		report("start of the jobs of each minute", error)


def is_idle() -> bool:
	"""Return whether the reconciler, the rules, and the alert have nothing to do. In doubt they have."""
	lately = clock.db_now() - LATELY
	return not (
		frappe.db.exists("Dialer Campaign", {"status": ("not in", (states.DRAFT, *states.ENDED))})
		or frappe.db.exists("Dialer Rule", {"enabled": 1})
		or frappe.db.exists("Dialer Campaign", {"modified": (">", lately)})
		or frappe.db.exists("Dialer Call Log", {"status_rank": ("<", states.FINAL_RANK)})
		or frappe.db.exists("Dialer Rule Case", {"status": "Waiting"})
		or alert.since()
	)


def run_step(step: Callable[[], None]) -> bool:
	"""Run a step in its own transaction, and return whether it succeeded. A failure is reported."""

	def transaction() -> None:
		step()
		frappe.db.commit()

	try:
		retried(transaction, after=(frappe.QueryDeadlockError,))
	except Exception as error:
		report(name_of(step), error)
		return False
	return True


def name_of(step: Callable[[], None]) -> str:
	return f"{step.__module__.rpartition('.')[2]}.{step.__name__}"


def start_due() -> None:
	"""Start scheduled campaigns that are due.

	If two schedulers run at once, the conditional move lets only one succeed. In Safe mode they wait.
	"""
	if watch.stands_still():
		return
	due = frappe.get_all(
		"Dialer Campaign",
		{"status": states.SCHEDULED, "scheduled_at": ("<=", clock.db_now())},
		pluck="name",
		order_by="scheduled_at",
	)
	for name in due:
		if try_move(name, states.PREPARING, started_at=clock.db_now()) and not scheduled.held(name):
			enqueue_plan(name)


def wake_plans() -> None:
	"""Enqueue the planner of every campaign in Preparing, in case its job is gone.

	A duplicate job exits at once.
	"""
	for row in frappe.get_all(
		"Dialer Campaign", {"status": states.PREPARING}, ["name", "purpose"], order_by="started_at"
	):
		enqueue_plan(row.name, emergency=row.purpose == "Emergency")


def expire_past_deadline() -> None:
	"""Mark recipients still waiting after their campaign's deadline Not Reached.

	No call is placed late.
	"""
	late = frappe.db.sql(
		"select name from `tabDialer Campaign` where status in ('Running', 'Paused') and deadline <= %s",
		clock.db_now(),
	)
	if late:
		frappe.db.sql(
			"""update `tabDialer Recipient` set status = 'Not Reached', outcome = 'deadline'
			where campaign in %s and status in %s""",
			(tuple(name for (name,) in late), states.WAITING),
		)


def send_notices() -> None:
	due = (
		"select name from `tabDialer Notice` where status = 'Waiting' and ifnull(not_before, creation) <= %s"
	)
	if frappe.db.sql(due + " limit 1", clock.db_now()):
		confirmations.send_soon(always=True)


def wake_dispatchers() -> None:
	if campaigns := due_campaigns(emergency_only=False):
		enqueue_dispatch(emergency=campaigns[0].purpose == "Emergency")


def complete() -> None:
	"""Complete each running campaign that has no open recipients left."""
	for name in frappe.get_all("Dialer Campaign", {"status": states.RUNNING}, pluck="name", order_by="name"):
		complete_if_done(name)


STEPS = (
	carrier_accounts.read_again,
	noticing.notice,
	standstill.stand_still,
	standstill.go_on,
	approval.compare_running,
	callback_queue.apply_waiting,
	start_due,
	expire_past_deadline,
	wake_plans,
	carrier_queue.watch,
	pretend_line.look,
	wake_dispatchers,
	school_limits.pause_set_aside,
	confirmations.settle_abandoned,
	wrong_number.settle,
	replies.return_undelivered,
	upkeep.look,
	send_notices,
	phone_recording.settle_abandoned,
	notifications.notify_abandoned,
	ladder.look,
	late.watch,
	complete,
	on_the_line.settle,
	claiming.lapse,
	listing.fill,
	disclosed.note,
	survey_answers.note_on_students,
	absences.announce_unanswered,
	publishing.publish,
)
"""The steps of a tick, in order."""
