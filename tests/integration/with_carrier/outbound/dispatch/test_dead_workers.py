"""A killed worker leaves its job in Redis as started for fifteen minutes.

Nothing waits for it that long.
"""

from collections.abc import Callable

import frappe
import pytest
from frappe.utils.background_jobs import execute_job, get_queue
from rq.job import Job, JobStatus

from school_dialer import scheduler
from school_dialer.base import jobs, states
from school_dialer.base.database.db_thread import DbThread
from school_dialer.base.jobs import BESIDE, EACH_MINUTE, TICK, alone, forget_abandoned
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.consent import ledger
from school_dialer.outbound.attempts import reconciler
from tests.integration import factories as make
from tests.integration.with_carrier.running import QUEUES


@pytest.fixture
def queued(nothing_left) -> Callable[[str], list[Job]]:
	"""Return a function that lists the queued jobs of a method.

	At first there are none, and no job counts as started.
	"""

	def waiting(method: str) -> list[Job]:
		return [job for name in QUEUES for job in get_queue(name).jobs if method_of(job) == method]

	for method in EACH_MINUTE:
		forget_abandoned(method)
	return waiting


def method_of(job: Job) -> str:
	return job.kwargs["kwargs"].get("job_type") or job.kwargs["method"]


def begin_and_die(job: Job, status: JobStatus = JobStatus.STARTED) -> None:
	"""Write what RQ writes when a worker takes a job, and nothing after it."""
	get_queue(job.origin.rpartition(":")[2]).remove(job)
	job.set_status(status)


def test_the_jobs_of_each_minute_are_those_that_the_scheduler_calls():
	ours = frappe.get_hooks("scheduler_events", app_name="school_dialer")["cron"]["* * * * *"]
	assert ours == [TICK] and set(BESIDE) < set(EACH_MINUTE)


def test_a_site_with_nothing_to_do_has_one_job_a_minute(queued, monkeypatch):
	"""Check that each job is queued once at most, and that a busy site has all of them."""
	monkeypatch.setattr(scheduler, "is_idle", lambda: True)
	scheduler.start_beside()
	assert not any(map(queued, BESIDE))
	monkeypatch.setattr(scheduler, "is_idle", lambda: False)
	scheduler.start_beside()
	scheduler.start_beside()
	assert [len(queued(method)) for method in BESIDE] == [1, 1, 1]


def test_a_site_is_not_idle_while_a_campaign_or_a_call_is_under_way(school, monkeypatch):
	asked = []

	def exists(doctype, filters):
		asked.append(doctype)
		return doctype == "Dialer Call Log"

	monkeypatch.setattr(frappe.db, "exists", exists)
	assert not scheduler.is_idle() and asked[-1] == "Dialer Call Log"
	monkeypatch.setattr(frappe.db, "exists", lambda *_arguments: None)
	monkeypatch.setattr(scheduler.alert, "since", lambda: None)
	assert scheduler.is_idle()


@pytest.mark.parametrize("method", BESIDE)
def test_a_job_beside_the_tick_whose_worker_was_killed_comes_again(queued, method):
	jobs.enqueue_beside()
	begin_and_die(queued(method)[0])
	jobs.enqueue_beside()
	assert not queued(method), "it counts as running"
	run_any_job()
	jobs.enqueue_beside()
	assert len(queued(method)) == 1


@pytest.mark.parametrize("status", [JobStatus.STARTED, JobStatus.QUEUED])
def test_scheduled_jobs_whose_workers_were_killed_at_once_come_again(queued, status):
	"""Check that any job of the site frees all of them, even one of Frappe's.

	If they had to free each other, none would be free before RQ cleans up.
	"""
	ours = [frappe.get_doc("Scheduled Job Type", {"method": TICK})]
	for scheduled in ours:
		scheduled.enqueue(force=True)
		begin_and_die(queued(scheduled.method)[0], status)
		assert not scheduled.enqueue(force=True), "Frappe takes it for running"
	run_any_job()
	for scheduled in ours:
		assert scheduled.enqueue(force=True)
		queued(scheduled.method)[0].delete()


def test_a_job_does_not_take_itself_for_abandoned(queued, monkeypatch):
	scheduled = frappe.get_doc("Scheduled Job Type", {"method": TICK})
	scheduled.enqueue(force=True)
	(job,) = queued(TICK)
	begin_and_die(job)
	monkeypatch.setattr(jobs, "get_current_job", lambda: job)
	run_any_job()
	assert not scheduled.enqueue(force=True)
	job.delete()


def test_a_failed_look_for_dead_jobs_leaves_the_transaction_alone(queued, monkeypatch):
	"""Check the transaction of a job that runs within a request and shares the request's transaction."""

	def no_redis(*_args):
		raise ConnectionError

	doc = make.campaign()
	frappe.db.commit()
	monkeypatch.setattr(jobs, "of_scheduler", no_redis)
	frappe.cache().delete(frappe.cache().make_key(jobs.LOOKED_KEY))
	frappe.db.set_value("Dialer Campaign", doc.name, "details", "not committed")
	jobs.free_abandoned()
	assert frappe.db.get_value("Dialer Campaign", doc.name, "details") == "not committed"
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Campaign", doc.name, "details") != "not committed"
	run_any_job()


def run_any_job() -> None:
	"""Run one of Frappe's own jobs as a worker does, after the hooks of the app."""
	frappe.cache().delete(frappe.cache().make_key(jobs.LOOKED_KEY))
	frappe.db.commit()
	execute_job(frappe.local.site, "frappe.ping", None, "any", {}, is_async=False)


def test_a_plan_whose_worker_was_killed_goes_on_at_the_next_tick(queued):
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number])
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	begin_and_die(queued("school_dialer.campaigns.planning.planner.run")[0])
	scheduler.tick()
	plans = [
		job.kwargs["kwargs"]["campaign"] for job in queued("school_dialer.campaigns.planning.planner.run")
	]
	assert plans.count(doc.name) == 1


def test_dialing_goes_on_at_the_next_tick_after_a_killed_dispatcher(queued):
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number])
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	assert frappe.db.get_value("Dialer Campaign", doc.name, "status") == states.RUNNING
	get_queue("long").empty()
	for _ in range(2):
		scheduler.tick()
		begin_and_die(queued("school_dialer.outbound.dispatch.dispatcher.run")[0])


def test_confirmations_are_sent_though_their_sender_was_killed(queued):
	number = make.phone()
	make.consent(number)
	ledger.opt_out(number, evidence=make.evidence("Text"))
	frappe.db.commit()
	begin_and_die(queued("school_dialer.followup.confirmations.send_due")[0])
	scheduler.tick()
	assert queued("school_dialer.followup.confirmations.send_due")
	frappe.db.sql("update `tabDialer Notice` set status = 'Not Sent' where phone = %s", number)
	frappe.db.commit()


@pytest.mark.parametrize(
	("name", "work"),
	[("plan-{0}", lambda campaign: planner.run(campaign)), ("reconcile", lambda campaign: reconciler.run())],
)
def test_of_two_at_once_one_leaves(queued, monkeypatch, name, work):
	doc = make.campaign([make.phone()])
	frappe.db.commit()
	begun = []
	monkeypatch.setattr(planner, "plan_all", begun.append)
	monkeypatch.setattr(reconciler, "release_lost_claims", lambda: begun.append(None))
	lock = alone(name.format(doc.name))
	with DbThread() as another:
		assert another.submit(lock.__enter__).result()
		work(doc.name)
		assert not begun
		another.submit(lock.__exit__, None, None, None).result()
	work(doc.name)
	assert begun
