"""The successor of a dispatcher that failed.

Without one, what is due would wait for the scheduler's tick: one minute on Frappe 15, four on Frappe 16. RQ
runs no job later than now on Frappe's workers, so the failed job itself waits.
"""

from time import monotonic, sleep

import frappe
from redis.exceptions import RedisError

from school_dialer.base.database.errors import ConnectionErrors
from school_dialer.base.database.transactions import is_lost, reconnect
from school_dialer.campaigns.due import is_anything_due
from school_dialer.campaigns.queues import enqueue_dispatch

SECONDS = 3
"""The wait after the first failure. Each further one in a row waits as much longer."""
LONGEST, LONGEST_ORDINARY = 30, 9
"""The longest waits, in an emergency and otherwise.

A worker that waits serves no one. So an ordinary dispatcher that fails again and again is left to the tick.
"""
IN_A_ROW_SECONDS = 4 * LONGEST
"""A failure later than this after the last one is the first of its row."""
RESTART_SECONDS = 30
"""So long a job waits for a database that does not answer, because it restarts."""


def enqueue_soon(emergency: bool = False, worker: int = 0) -> None:
	"""Wait, then enqueue the lane's successor if something is due (the job's `report_to`).

	Of a lane's jobs that fail at the same time one waits, and they count as one failure. If Redis is lost,
	the tick has to do it.
	"""
	lane = f"{int(emergency)}-{worker}"
	try:
		if not frappe.cache().set(key("waits", lane), 1, nx=True, ex=LONGEST):
			return
		seconds = min(SECONDS * failures_in_a_row(lane), LONGEST)
		frappe.cache().execute_command("EXPIRE", key("waits", lane), seconds)
		if seconds > LONGEST_ORDINARY and not emergency:
			return
		# Not at once: a failure that stays would fill the Error Log.
		sleep(seconds)
		if is_due_after_wait(emergency):
			enqueue_dispatch(emergency=emergency, worker=worker)
		# Enqueues the successor.
		frappe.db.commit()
	except RedisError:
		frappe.logger("school_dialer").warning("no successor of a failed dispatcher: Redis does not answer")


def failures_in_a_row(lane: str) -> int:
	count = int(frappe.cache().execute_command("INCR", key("failures", lane)))
	frappe.cache().execute_command("EXPIRE", key("failures", lane), IN_A_ROW_SECONDS)
	return count


def is_due_after_wait(emergency: bool) -> bool:
	"""Return whether the lane has work. A connection that was lost in the wait is replaced first."""
	try:
		return is_anything_due(emergency)
	except ConnectionErrors as error:
		if not is_lost(error):
			raise
		await_database()
		return is_anything_due(emergency)


def await_database() -> None:
	"""Leave a lost connection for a new one, by which the failure is reported and a successor enqueued."""
	until = monotonic() + RESTART_SECONDS
	reconnect()
	while not frappe.db._conn and monotonic() < until:
		sleep(1)
		reconnect()


def key(what: str, lane: str) -> bytes:
	return frappe.cache().make_key(f"school_dialer:dispatch_{what}:{lane}")
