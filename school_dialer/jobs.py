"""Background jobs that keep people's numbers out of the Error Log, and that a killed worker does not hold up.

Frappe logs a failed job with the values of its local variables, which here are families' numbers. A job of this app logs its own
traceback, without values, and fails with a plain `JobFailed`.

RQ counts the job of a killed worker as started until it clears up, a quarter of an hour later, or for ever as queued when the worker
died as it took it, and under its id no other is queued meanwhile. So a job of this app has no id: one that must not run twice at once
has a lock (`alone`). The scheduler's own have ids, given by Frappe: every job of the site, before it begins, frees those whose worker
may be gone (`free_abandoned`).
"""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps

import frappe
from frappe.utils.background_jobs import get_job
from rq import get_current_job
from rq.job import Job, JobStatus

TICK = "school_dialer.scheduler.tick"
RECONCILE = "school_dialer.attempts.reconciler.run"
RULES = "school_dialer.automation.scheduler.run_rules"
WATCH = "school_dialer.health.alert.watch"
EACH_MINUTE = (TICK, RECONCILE, RULES, WATCH)
"""What the scheduler calls each minute, as `hooks.py` names it."""
PLAN_QUEUE, EMERGENCY_QUEUE = "long", "short"
"""RQ queues. What a person waits for, and every emergency, goes into the short one."""
LOOKED_KEY = "school_dialer_abandoned_looked_for"
LOOK_SECONDS = 5


class JobFailed(Exception):
	"""The Error Log of School Dialer says where."""


def report(title: str, error: Exception) -> None:
	"""Log where a failure happened: files, lines and the kind of error, neither its message nor any value.

	The values at hand are families' numbers here. Rolls back what was not committed, and commits the log.
	"""
	frappe.db.rollback()
	where = "".join(traceback.format_tb(error.__traceback__))
	frappe.log_error(title=f"School Dialer: {title}"[:140], message=f"{where}\n{type(error).__name__}")
	frappe.db.commit()


def job(method: Callable | None = None, *, told: Callable | None = None) -> Callable:
	"""Mark a background job. ``told`` gets the job's own arguments after a failure, to say so where people look."""
	if method is None:
		return partial(job, told=told)

	@wraps(method)
	def guarded(*args, **kwargs):
		failure = None
		try:
			return method(*args, **kwargs)
		except JobFailed:
			raise
		except Exception as error:
			failure = type(error).__name__
			report(method.__qualname__, error)
		if told:
			told(*args, **kwargs)
		raise JobFailed(f"{method.__module__}.{method.__qualname__}: {failure}")

	return guarded


@contextmanager
def alone(name: str) -> Iterator[bool]:
	"""Whether nobody else on this site is at this. A MariaDB advisory lock: it goes with the connection, so a killed worker leaves none."""
	lock = f"school_dialer:{frappe.conf.db_name}:{name}"[:64]
	got = frappe.db.sql("select get_lock(%s, 0)", lock)[0][0] == 1
	try:
		yield got
	finally:
		if got:
			frappe.db.sql("select release_lock(%s)", lock)


def of_scheduler(method: str) -> Job | None:
	"""The scheduler's job that calls this method, queued or running. Frappe 15 makes its id of the method, 16 of the record's name."""
	name = frappe.db.get_value("Scheduled Job Type", {"method": method})
	return get_job(frappe.get_doc("Scheduled Job Type", name).rq_job_id) if name else None


def free_abandoned() -> None:
	"""Hook of each job of the site, before it begins: `forget_abandoned` all that the scheduler calls each minute, every few seconds at
	most. Were it left to these jobs, those that died at the same moment would free each other only when RQ clears up, minutes later.
	A failure here is logged, and the job that is about to begin goes on, in the transaction that it may share with a request."""
	try:
		cache = frappe.cache()
		if cache.set(cache.make_key(LOOKED_KEY), 1, nx=True, ex=LOOK_SECONDS):
			for method in EACH_MINUTE:
				forget_abandoned(method)
	except Exception as error:
		frappe.logger("school_dialer").warning("jobs of killed workers: %s", type(error).__name__)


def forget_abandoned(method: str) -> None:
	"""Let the scheduler's job that calls this method be queued again though it counts as started or queued: its worker may be gone,
	and two at once do no harm. This very job is not abandoned."""
	job, current = of_scheduler(method), get_current_job()
	if not job or (current and current.id == job.id):
		return
	if job.get_status() == JobStatus.STARTED or (
		job.get_status() == JobStatus.QUEUED and job.get_position() is None
	):
		job.delete()
