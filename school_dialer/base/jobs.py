"""Background jobs that keep phone numbers out of the Error Log and that a killed worker does not block.

Frappe logs a failed job with the values of its local variables, which here are families' phone numbers. A job
of this app logs its own traceback, without values, and fails with a plain `JobFailed`.

RQ counts a killed worker's job as started until its cleanup a quarter of an hour later, or as queued forever
if the worker died while taking it. Meanwhile no other job can be queued under that id. So this app's jobs
have no id; a job that must not run twice at once holds a lock (`alone`). The jobs of each minute do have ids,
so that they do not pile up: every job on the site, before it begins, frees those whose worker may be gone
(`free_abandoned`).
"""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps

import frappe
from frappe.utils import cint, scheduler
from frappe.utils.background_jobs import get_job
from rq import get_current_job
from rq.job import Job, JobStatus

TICK = "school_dialer.scheduler.tick"
RECONCILE = "school_dialer.outbound.attempts.reconciler.run"
RULES = "school_dialer.automation.scheduler.run_rules"
WATCH = "school_dialer.health.alert.watch"
BESIDE = (RECONCILE, RULES, WATCH)
"""The methods that the tick puts into the queue each minute, unless nothing goes on at the site."""
EACH_MINUTE = (TICK, *BESIDE)
"""Methods of each minute. The scheduler calls the tick only: a bench may have fifty sites without work."""
PLAN_QUEUE, EMERGENCY_QUEUE = "long", "short"
"""RQ queues. Work that a person is waiting for, and every emergency, goes into the short one."""
LOOKED_KEY = "school_dialer_abandoned_looked_for"
LOOK_SECONDS = 5


class JobFailed(Exception):
	"""The job failed. The Error Log entry titled "School Dialer" says where."""


def report(title: str, error: Exception) -> None:
	"""Log where a failure happened: files, lines and the error's type, without its message or any value.

	Local values here include families' phone numbers. Rolls back uncommitted work, and commits the log entry.
	If the Error Log cannot be written, the entry goes to the log file, and the caller goes on: on Frappe 15
	it is a MyISAM table, which a crash of the database may leave broken.
	"""
	frappe.db.rollback()
	try:
		frappe.log_error(**entry_of(title, error))
		frappe.db.commit()
	except Exception as broken:
		frappe.db.rollback()
		to_file(title, error, broken)


def note(title: str, error: Exception) -> None:
	"""Log the same within the caller's transaction, which goes on."""
	point = "dialer_error_log"
	frappe.db.savepoint(point)
	try:
		if entry := frappe.log_error(**entry_of(title, error)):
			frappe.local.dialer_noted = [*getattr(frappe.local, "dialer_noted", ()), entry.name]
	except Exception as broken:
		frappe.db.rollback(save_point=point)
		to_file(title, error, broken)


def noted() -> list[str]:
	"""Return the entries that `note` made since the last call of this function."""
	entries = getattr(frappe.local, "dialer_noted", [])
	frappe.local.dialer_noted = []
	return entries


def entry_of(title: str, error: Exception) -> dict[str, str]:
	where = "".join(traceback.format_tb(error.__traceback__))
	return {"title": f"School Dialer: {title}"[:140], "message": f"{where}\n{type(error).__name__}"}


def to_file(title: str, error: Exception, broken: Exception) -> None:
	entry = entry_of(title, error)
	logger = frappe.logger("school_dialer")
	logger.error("%s (%s)\n%s", entry["title"], type(broken).__name__, entry["message"])


def job(method: Callable | None = None, *, report_to: Callable | None = None) -> Callable:
	"""Mark a function as a background job.

	After a failure, ``report_to`` is called with the job's own arguments, to report the failure where people
	look.
	"""
	if method is None:
		return partial(job, report_to=report_to)

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
		if report_to:
			report_to(*args, **kwargs)
		raise JobFailed(f"{method.__module__}.{method.__qualname__}: {failure}")

	return guarded


@contextmanager
def alone(name: str, wait: int = 0) -> Iterator[bool]:
	"""Yield whether this process got the named lock, for which it waits up to `wait` seconds.

	It does not get a lock that another process on this site holds. The lock is a MariaDB advisory lock. It
	ends with the connection, so a killed worker leaves no lock behind.
	"""
	lock = _lock(name)
	got = frappe.db.sql("select get_lock(%s, %s)", (lock, wait))[0][0] == 1
	try:
		yield got
	finally:
		if got:
			frappe.db.sql("select release_lock(%s)", lock)


def is_held(name: str) -> bool:
	"""Return whether a process holds the named lock of `alone`."""
	return frappe.db.sql("select is_free_lock(%s)", _lock(name))[0][0] == 0


def _lock(name: str) -> str:
	return f"school_dialer:{frappe.conf.db_name}:{name}"[:64]


def of_scheduler(method: str) -> Job | None:
	"""Return the scheduler's job that calls this method, queued or running, or None.

	Frappe 15 derives the job's id from the method, Frappe 16 from the record's name.
	"""
	name = frappe.db.get_value("Scheduled Job Type", {"method": method})
	return get_job(frappe.get_doc("Scheduled Job Type", name).rq_job_id) if name else None


def of_each_minute(method: str) -> Job | None:
	"""Return the job of `EACH_MINUTE` that calls this method, queued or running, or None."""
	return of_scheduler(method) if method == TICK else get_job(method)


def enqueue_beside() -> None:
	"""Put what the tick does not do itself into the queue, each method once."""
	for method in BESIDE:
		frappe.enqueue(method, queue="default", job_id=method, deduplicate=True)


def tick_seconds() -> int:
	"""Return how many seconds pass between two looks of Frappe's scheduler for what is due.

	It is a minute on Frappe 15 and four on Frappe 16, or `scheduler_tick_interval` of the bench.
	"""
	usual = getattr(scheduler, "DEFAULT_SCHEDULER_TICK", 60)
	return cint(frappe.conf.scheduler_tick_interval) or usual


def free_abandoned() -> None:
	"""Forget abandoned jobs of the every-minute methods.

	Runs `forget_abandoned` for each, at most every few seconds. This is a hook that runs before each job on
	the site. If only these every-minute jobs ran it, jobs that died at the same moment could free each other
	only after RQ's cleanup, minutes later. A failure here is logged; the job about to begin continues, in a
	transaction that it may share with a request.
	"""
	try:
		cache = frappe.cache()
		if cache.set(cache.make_key(LOOKED_KEY), 1, nx=True, ex=LOOK_SECONDS):
			for method in EACH_MINUTE:
				forget_abandoned(method)
	except Exception as error:
		frappe.logger("school_dialer").warning("jobs of killed workers: %s", type(error).__name__)


def forget_abandoned(method: str) -> None:
	"""Let the job of each minute that calls this method be queued again, whatever it counts as.

	Its worker may be gone, and two of these jobs running at once do no harm. The job that runs this function
	is not treated as abandoned.
	"""
	job, current = of_each_minute(method), get_current_job()
	if not job or (current and current.id == job.id):
		return
	if job.get_status() == JobStatus.STARTED or (
		job.get_status() == JobStatus.QUEUED and job.get_position() is None
	):
		job.delete()
