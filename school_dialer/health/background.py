"""Checks of the scheduler, the workers and their queues' Redis."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import frappe
from frappe import _
from frappe.utils import now_datetime
from frappe.utils.background_jobs import get_queue, get_redis_conn, get_workers
from frappe.utils.scheduler import is_scheduler_inactive
from redis.exceptions import ResponseError
from rq.job import Job, JobStatus
from rq.registry import FailedJobRegistry

from school_dialer.base.jobs import EACH_MINUTE, TICK, of_each_minute
from school_dialer.health.finding import FAIL, OK, WARN, Finding, ago, graded

APP = "school_dialer."
LATE, TOO_LATE = timedelta(minutes=6), timedelta(minutes=15)
"""Ticks come every minute on Frappe v15 and every four minutes on v16."""
QUEUES = ("short", "default", "long")
STUCK = timedelta(minutes=15)
LATELY = timedelta(days=1)
MOST_JOBS = 200
"""How many failed jobs are examined in each queue, latest first."""
NEARLY_FULL = 0.9


def scheduler() -> Finding:
	if is_scheduler_inactive(verbose=False):
		text = _(
			"The scheduler is off, so nothing starts by itself. Switch it on: bench --site {0} "
			"enable-scheduler. A site in maintenance mode has none."
		).format(frappe.local.site)
		return Finding("scheduler", FAIL, text)
	return last_tick()


def last_tick() -> Finding:
	row = frappe.db.get_value(
		"Scheduled Job Type", {"method": TICK}, ["stopped", "last_execution"], as_dict=True
	)
	if not row or row.stopped:
		text = _(
			"The dialer's job of the scheduler is missing or stopped. Run bench migrate, or clear Stopped in "
			"Scheduled Job Type."
		)
		return Finding("scheduler", FAIL, text)
	if not row.last_execution:
		return Finding(
			"scheduler", FAIL, _("The scheduler has never run. Start the bench's schedule process.")
		)
	age = now_datetime() - row.last_execution
	state = graded(age.total_seconds(), LATE.total_seconds(), TOO_LATE.total_seconds())
	text = _("The scheduler last ran {0} ago.").format(ago(age))
	if state != OK:
		text += " " + _("Look at the bench's schedule process and at the workers of the queue default.")
	return Finding("scheduler", state, text, {"last_tick_seconds": age.total_seconds()})


def workers() -> Finding:
	"""Check that every queue has a live worker.

	Emergencies use the short queue, the scheduler's jobs the default one, planning and calling the long one.
	If any of them has no worker, calls do not start.
	"""
	alive = {name: sum(map(is_alive, get_workers(get_queue(name)))) for name in QUEUES}
	waiting = {f"jobs_waiting_{name}": get_queue(name).count for name in QUEUES}
	figures = {f"workers_{name}": count for name, count in alive.items()} | waiting
	counted = ", ".join(f"{name} {count}" for name, count in alive.items())
	if missing := [name for name, count in alive.items() if not count]:
		text = _("No background worker serves these queues: {0}. Ask IT to start background workers.").format(
			", ".join(missing)
		)
		return Finding("workers", FAIL, text, figures)
	return Finding("workers", OK, _("Background workers by queue: {0}.").format(counted), figures)


def is_alive(worker) -> bool:
	"""Return whether the worker's heartbeat is recent.

	A killed worker stays on the list until its key in Redis expires, but its heartbeat stops at once.
	"""
	beat = worker.last_heartbeat
	if beat is None:
		return True
	age = datetime.now(timezone.utc) - beat.replace(tzinfo=timezone.utc)
	return age < timedelta(seconds=(worker.worker_ttl or 420) + 60)


def queue_redis() -> Finding:
	redis = get_redis_conn()
	try:
		saves = bool(redis.config_get("save").get("save"))
	except ResponseError:  # A managed Redis may not allow CONFIG.
		saves = True
	return judge_redis(redis.info(), saves)


def judge_redis(info: dict, saves: bool) -> Finding:
	"""Judge the queue's Redis by its INFO, ``info``.

	The scheduler queues again any jobs that Redis loses; if Redis cannot accept jobs, all calls stop.
	"""
	policy, most = info.get("maxmemory_policy") or "noeviction", info.get("maxmemory") or 0
	used = info.get("used_memory", 0) / most if most else 0.0
	figures = {"queue_redis_memory_ratio": round(used, 3)} if most else {}
	if info.get("rdb_last_bgsave_status", "ok") != "ok":
		text = _(
			"The queue's Redis cannot save to its disk and may refuse jobs. Look at the disk's space and "
			"rights, and at its log."
		)
		return Finding("queue_redis", FAIL, text, figures)
	if policy == "noeviction" and used > NEARLY_FULL:
		text = _("The queue's Redis is nearly full and will refuse jobs. Give it more memory.")
		return Finding("queue_redis", FAIL, text, figures)
	if policy != "noeviction":
		text = _(
			"The queue's Redis may throw jobs away: its maxmemory-policy is {0}. Set it to noeviction."
		).format(policy)
		return Finding("queue_redis", WARN, text, figures)
	if not (saves or info.get("aof_enabled")):
		text = _(
			"The queue's Redis keeps nothing on disk, so a restart loses what is queued. Set save or "
			"appendonly in its configuration."
		)
		return Finding("queue_redis", WARN, text, figures)
	return Finding("queue_redis", OK, _("The queue's Redis keeps its jobs on disk and evicts none."), figures)


def job_ids() -> Finding:
	"""Check for stuck jobs.

	A scheduler job whose worker was killed keeps its id, and no other job can be queued under that id.
	"""
	stuck = [method for method in EACH_MINUTE if is_stuck(of_each_minute(method))]
	if stuck:
		text = _(
			"Jobs of the scheduler that are stuck: {0}. Another job frees them within minutes; if not, "
			"restart the workers."
		).format(", ".join(".".join(name.split(".")[-2:]) for name in stuck))
		return Finding("job_ids", WARN, text, {"stuck_jobs": len(stuck)})
	return Finding("job_ids", OK, _("No job of the scheduler is stuck."), {"stuck_jobs": 0})


def is_stuck(job: Job | None) -> bool:
	if job is None:
		return False
	status = job.get_status()
	if status == JobStatus.QUEUED:
		return job.get_position() is None
	began = job.started_at
	return (
		status == JobStatus.STARTED
		and began is not None
		and datetime.now(timezone.utc) - began.replace(tzinfo=timezone.utc) > STUCK
	)


def failed_jobs() -> Finding:
	count = sum(1 for name in QUEUES for job in failed_in(name) if is_ours(job)) + failed_by_schedule()
	figures = {"failed_jobs": count}
	if count:
		text = _(
			"Jobs of School Dialer that failed in the last day: {0}. The Error Log and Scheduled Job Log say "
			"where."
		).format(count)
		return Finding("failed_jobs", WARN, text, figures)
	return Finding("failed_jobs", OK, _("No job of School Dialer failed in the last day."), figures)


def failed_in(name: str) -> Iterator[Job]:
	queue = get_queue(name)
	ids = FailedJobRegistry(queue=queue).get_job_ids(-MOST_JOBS, -1)
	oldest = datetime.now(timezone.utc) - LATELY
	for job in Job.fetch_many(ids, connection=queue.connection):
		if job and job.ended_at and job.ended_at.replace(tzinfo=timezone.utc) > oldest:
			yield job


def is_ours(job: Job) -> bool:
	try:
		kwargs = job.kwargs
	except Exception:  # A job queued by an older version may be unreadable now.
		return False
	method = kwargs.get("method")
	name = method if isinstance(method, str) else f"{getattr(method, '__module__', '')}."
	return kwargs.get("site") == frappe.local.site and name.startswith(APP)


def failed_by_schedule() -> int:
	return frappe.db.sql(
		"""select count(*) from `tabScheduled Job Log` log
		join `tabScheduled Job Type` type on type.name = log.scheduled_job_type
		where log.status = 'Failed' and log.creation > %s and type.method like %s""",
		(now_datetime() - LATELY, f"{APP}%"),
	)[0][0]
