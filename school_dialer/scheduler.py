"""Every minute (v15) or every four (v16): start due work, wake stalled work, end finished work.

Places no calls.
"""

from collections.abc import Callable

import frappe

from school_dialer import clock, states
from school_dialer.attempts import callback_queue, carrier_queue
from school_dialer.calls import phone_recording, survey_answers
from school_dialer.campaigns import notifications
from school_dialer.campaigns.actions import complete_if_done, enqueue_dispatch, enqueue_plan
from school_dialer.campaigns.approval import check as approval
from school_dialer.campaigns.due import due_campaigns
from school_dialer.campaigns.transitions import try_move
from school_dialer.database.transactions import retried
from school_dialer.followup import confirmations
from school_dialer.jobs import JobFailed, job, report


@job
def tick() -> None:
	"""Run each step in its own transaction (job of the scheduler).

	A step that hits a deadlock is retried. A step that fails, or times out waiting for a row lock, is
	reported, and the other steps still run. Raises JobFailed with the names of the failed steps.
	"""
	frappe.db.commit()
	if failed := [name_of(step) for step in STEPS if not succeeds(step)]:
		raise JobFailed(", ".join(failed))


def succeeds(step: Callable[[], None]) -> bool:
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

	If two schedulers run at once, the conditional move lets only one succeed.
	"""
	due = frappe.get_all(
		"Dialer Campaign",
		{"status": states.SCHEDULED, "scheduled_at": ("<=", clock.db_now())},
		pluck="name",
		order_by="scheduled_at",
	)
	for name in due:
		if try_move(name, states.PREPARING, started_at=clock.db_now()):
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
	if frappe.db.exists("Dialer Notice", {"status": "Waiting"}):
		confirmations.send_soon()


def wake_dispatchers() -> None:
	if campaigns := due_campaigns(emergency_only=False):
		enqueue_dispatch(emergency=campaigns[0].purpose == "Emergency")


def complete() -> None:
	"""Complete each running campaign that has no open recipients left."""
	for name in frappe.get_all("Dialer Campaign", {"status": states.RUNNING}, pluck="name", order_by="name"):
		complete_if_done(name)


STEPS = (
	approval.compare_running,
	callback_queue.apply_waiting,
	start_due,
	expire_past_deadline,
	wake_plans,
	carrier_queue.watch,
	wake_dispatchers,
	confirmations.settle_abandoned,
	send_notices,
	phone_recording.settle_abandoned,
	notifications.notify_abandoned,
	complete,
	survey_answers.note_on_students,
)
"""The steps of a tick, in order."""
