"""Send what staff wrote, and what confirms an opt-out that they recorded, when it can no longer be undone."""

import time
from datetime import timedelta

import frappe

from school_dialer.base import clock
from school_dialer.base.jobs import alone, job
from school_dialer.consent import corrections
from school_dialer.consent.replies.answer_limits import STAFF_REPLY
from school_dialer.consent.replies.confirmation_requests import CONFIRMING
from school_dialer.followup import confirmations
from school_dialer.inbound.conversations import replies

KINDS = (STAFF_REPLY, *CONFIRMING)
QUEUE = "default"
"""Not the queue of emergencies, since the job sleeps."""
SOON = max(replies.UNDO, corrections.TO_UNDO) + timedelta(seconds=5)
"""Texts that are due later, because of calling hours, are left to the tick of the scheduler."""
TURN = 12
"""Seconds for which the job holds up the worker, which may be a site's only one."""


def on_reply_asked() -> None:
	"""Enqueue the job that sends the reply (hook `dialer_reply_asked`)."""
	frappe.enqueue(
		"school_dialer.followup.staff_replies.send_when_due", queue=QUEUE, enqueue_after_commit=True
	)


@job
def send_when_due() -> None:
	"""Wait for the texts that are due in seconds, and send them (background job).

	One job waits for all of them. Another one that finds it at work exits at once: the first looks again
	after it has let the lock go. After `TURN` it goes on behind the other jobs of its queue.
	"""
	while (seconds := seconds_until_next()) is not None and confirmations.ready_carriers():
		with alone("staff replies") as mine:
			if not mine:
				return
			time.sleep(min(seconds, TURN))
			if seconds > TURN:
				return on_reply_asked()
			confirmations.send_due()


def seconds_until_next() -> float | None:
	"""Return in how many seconds the next text is due, or None if none is due soon."""
	# Each look sees what was written while this job slept.
	frappe.db.commit()
	now = clock.db_now()
	notice = frappe.qb.DocType("Dialer Notice")
	due = (
		frappe.qb.from_(notice)
		.select(notice.not_before)
		.where(notice.status == confirmations.WAITING)
		.where(notice.kind.isin(KINDS))
		.where(notice.not_before <= now + SOON)
		.orderby(notice.not_before)
		.limit(1)
		.run(pluck=True)
	)
	return max((due[0] - now).total_seconds(), 0) if due else None
