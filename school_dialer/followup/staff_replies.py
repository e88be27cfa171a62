"""Send what staff wrote when the time to take it back is over."""

import time
from datetime import timedelta

import frappe

from school_dialer import clock
from school_dialer.consent.replies.answer_limits import STAFF_REPLY
from school_dialer.conversations import replies
from school_dialer.followup import confirmations
from school_dialer.jobs import alone, job

QUEUE = "default"
"""Not the queue of emergencies, since the job sleeps."""
SOON = replies.UNDO + timedelta(seconds=5)
"""Replies that are due later, because of calling hours, are left to the tick of the scheduler."""


def on_reply_asked() -> None:
	"""Enqueue the job that sends the reply (hook `dialer_reply_asked`)."""
	frappe.enqueue(
		"school_dialer.followup.staff_replies.send_when_due", queue=QUEUE, enqueue_after_commit=True
	)


@job
def send_when_due() -> None:
	"""Wait for the replies that are due in seconds, and send them (background job).

	One job waits for all of them. Another one that finds it at work exits at once: the first looks again
	after it has let the lock go.
	"""
	while (seconds := seconds_until_next()) is not None and confirmations.ready_carriers():
		with alone("staff replies") as mine:
			if not mine:
				return
			time.sleep(seconds)
			confirmations.send_due()


def seconds_until_next() -> float | None:
	"""Return in how many seconds the next reply is due, or None if none is due soon."""
	frappe.db.commit()
	now = clock.db_now()
	due = frappe.get_all(
		"Dialer Notice",
		{"status": confirmations.WAITING, "kind": STAFF_REPLY, "not_before": ("<=", now + SOON)},
		pluck="not_before",
		order_by="not_before",
		limit=1,
	)
	return max((due[0] - now).total_seconds(), 0) if due else None
