"""Each check of the dialer's health, made to fail for real."""

import shutil
from datetime import date, datetime, timedelta, timezone

import frappe
import pytest
from frappe.utils import now_datetime
from frappe.utils.background_jobs import create_job_id, get_queue, get_redis_conn
from rq.job import Job
from rq.registry import FailedJobRegistry

from dev.patience import eventually
from dev.site import services
from school_dialer.base import clock
from school_dialer.consent.integrity import daily_anchor, triggers
from school_dialer.gate import policy_review
from school_dialer.health import background, examine, outside, site, waiting
from school_dialer.health.finding import FAIL, OK, WARN
from school_dialer.outbound.attempts import callback_queue
from school_dialer.outbound.attempts.status_updates import StatusUpdate
from school_dialer.settings import carrier_settings
from school_dialer.setup import schema
from tests.integration import factories as make

TYPE = "Scheduled Job Type"


@pytest.fixture
def cached_settings(school):
	"""Yield the settings, and restore them in the database and the cache."""
	yield frappe.get_doc("Dialer Settings")
	frappe.db.rollback()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


@pytest.fixture
def scheduler_on(school, monkeypatch):
	monkeypatch.setattr(
		frappe.local, "conf", frappe._dict(frappe.conf, disable_scheduler=0, pause_scheduler=0)
	)
	before = frappe.db.get_single_value("System Settings", "enable_scheduler")
	switch_scheduler(1)
	yield
	frappe.db.rollback()
	switch_scheduler(before)


def switch_scheduler(on: int) -> None:
	"""Commits: a request of another test's server that still runs may fill the cache from the database."""
	frappe.db.set_single_value("System Settings", "enable_scheduler", on)
	frappe.db.commit()
	frappe.clear_document_cache("System Settings", "System Settings")


@pytest.mark.parametrize(
	("path", "said"), [("/usr/bin/wkhtmltopdf", "can be saved"), (None, "print it from the browser")]
)
def test_what_to_install_for_pdf_files_is_said(school, monkeypatch, path, said):
	monkeypatch.setattr(site.shutil, "which", lambda _name: path)
	found = site.pdf_files()
	assert found.state == OK and said in found.text


def ticked(age: timedelta | None, stopped: int = 0) -> None:
	at = None if age is None else now_datetime() - age
	frappe.db.set_value(TYPE, {"method": background.TICK}, {"last_execution": at, "stopped": stopped})


def test_the_scheduler_that_is_switched_off(scheduler_on):
	ticked(timedelta(minutes=1))
	assert background.scheduler().state == OK
	switch_scheduler(0)
	found = background.scheduler()
	assert found.state == FAIL and "enable-scheduler" in found.text


@pytest.mark.parametrize(
	("age", "stopped", "state"),
	[
		(timedelta(minutes=5), 0, OK),
		(timedelta(minutes=7), 0, WARN),
		(timedelta(minutes=16), 0, FAIL),
		(None, 0, FAIL),
		(timedelta(minutes=1), 1, FAIL),
	],
)
def test_the_last_tick(scheduler_on, age, stopped, state):
	ticked(age, stopped)
	assert background.scheduler().state == state


def test_workers_that_are_not_there_and_then_are(school):
	found = background.workers()
	assert found.state == FAIL and found.figures["workers_short"] == 0
	for name in background.QUEUES:
		assert name in found.text
	(worker,) = services.start_worker(("short", "default"))
	try:
		eventually("The worker", lambda: background.workers().figures["workers_short"] == 1)
		found = background.workers()
		assert found.state == FAIL and "queues: long." in found.text
	finally:
		worker.stop()


def test_a_worker_whose_heart_stopped_does_not_count():
	worker = frappe._dict(worker_ttl=420, last_heartbeat=datetime.utcnow() - timedelta(minutes=9))
	assert not background.is_alive(worker)
	worker.last_heartbeat = datetime.utcnow() - timedelta(minutes=7)
	assert background.is_alive(worker)


def test_a_queue_that_evicts_or_keeps_nothing(school):
	redis = get_redis_conn()
	before = {key: redis.config_get(key)[key] for key in ("maxmemory-policy", "save", "appendonly")}
	try:
		redis.config_set("maxmemory-policy", "allkeys-lru")
		found = background.queue_redis()
		assert found.state == WARN and "allkeys-lru" in found.text
		redis.config_set("maxmemory-policy", "noeviction")
		redis.config_set("appendonly", "no")
		redis.config_set("save", "")
		found = background.queue_redis()
		assert found.state == WARN and "restart loses" in found.text
		redis.config_set("save", "3600 1")
		assert background.queue_redis().state == OK
	finally:
		for key, value in before.items():
			redis.config_set(key, value)


def test_a_queue_that_cannot_take_jobs():
	assert background.judge_redis({"rdb_last_bgsave_status": "err"}, True).state == FAIL
	full = {"maxmemory": 100, "used_memory": 95, "maxmemory_policy": "noeviction"}
	assert background.judge_redis(full, True).state == FAIL
	assert background.judge_redis(full | {"used_memory": 50}, True).state == OK


@pytest.mark.dates
def test_a_job_of_the_scheduler_that_is_stuck(school):
	type_name = frappe.db.get_value(TYPE, {"method": background.TICK})
	name = create_job_id(frappe.get_doc(TYPE, type_name).rq_job_id)
	job = Job.create("builtins.print", id=name, connection=get_redis_conn())
	job.set_status("started")
	job.started_at = datetime.utcnow() - timedelta(minutes=16)
	job.save()
	try:
		found = background.job_ids()
		assert found.state == WARN and "scheduler.tick" in found.text
		job.started_at = datetime.utcnow()
		job.save()
		assert background.job_ids().state == OK
	finally:
		job.delete()


def test_jobs_of_this_app_that_failed(school):
	frappe.db.delete("Scheduled Job Log")
	queue = get_queue("short")
	before = background.failed_jobs().figures["failed_jobs"]
	made = [
		failed(queue, method) for method in ("school_dialer.campaigns.planning.planner.run", "frappe.ping")
	]
	try:
		assert background.failed_jobs().figures["failed_jobs"] == before + 1
		frappe.get_doc(
			{
				"doctype": "Scheduled Job Log",
				"status": "Failed",
				"scheduled_job_type": frappe.db.get_value(TYPE, {"method": background.TICK}),
			}
		).insert()
		found = background.failed_jobs()
		assert found.state == WARN and found.figures["failed_jobs"] == before + 2
	finally:
		for job in made:
			job.delete()


def failed(queue, method: str) -> Job:
	kwargs = {"site": frappe.local.site, "method": method}
	job = Job.create("frappe.utils.background_jobs.execute_job", kwargs=kwargs, connection=queue.connection)
	job.ended_at = datetime.utcnow()
	job.origin = queue.name
	job.save()
	FailedJobRegistry(queue=queue).add(job, ttl=600)
	return job


@pytest.fixture
def empty_list(school):
	frappe.cache().delete_value(callback_queue.LIST)
	yield
	frappe.cache().delete_value(callback_queue.LIST)


def test_reports_of_the_carrier_that_wait(empty_list):
	cache = frappe.cache()
	assert waiting.carrier_reports().state == OK
	for minutes in (11, 1):
		news = StatusUpdate("completed", at=clock.now() - timedelta(minutes=minutes))
		cache.rpush(callback_queue.LIST, callback_queue.to_json("none", news))
	found = waiting.carrier_reports()
	assert found.state == FAIL and found.figures["callbacks"] == 2
	assert 650 < found.figures["callbacks_seconds"] < 700
	cache.lpop(callback_queue.LIST)
	assert waiting.carrier_reports().state == OK
	cache.lpush(callback_queue.LIST, b"\xff not json")
	assert waiting.carrier_reports().state == WARN


@pytest.mark.parametrize(("minutes", "state"), [(1, OK), (3, WARN), (6, FAIL)])
def test_notices_that_wait(school, minutes, state):
	frappe.db.sql("update `tabDialer Notice` set status = 'Not Sent' where status = 'Waiting'")
	assert waiting.notices().figures == {"notices": 0, "notices_seconds": 0}
	doc = frappe.get_doc(
		{"doctype": "Dialer Notice", "kind": "Preference Link", "phone": make.phone(), "status": "Waiting"}
	)
	doc.flags.ignore_mandatory = doc.flags.ignore_links = doc.flags.ignore_validate = True
	doc.insert()
	doc.db_set("creation", clock.to_db(clock.now() - timedelta(minutes=minutes)), update_modified=False)
	assert waiting.notices().state == state


@pytest.mark.parametrize(("seconds", "state"), [(0, OK), (20, WARN), (-20, WARN), (300, FAIL), (-300, FAIL)])
def test_a_clock_that_differs_from_the_carriers(carrier, school_day, seconds, state):
	carrier.control("time", {"clock_offset": school_day + seconds})
	try:
		found = outside.carrier()
	finally:
		carrier.control("time", {"clock_offset": school_day})
	assert found.state == state
	assert abs(found.figures["clock_skew_seconds"] - seconds) < 15


def test_a_carrier_that_does_not_answer(carrier, cached_settings, monkeypatch):
	monkeypatch.setitem(frappe.conf, carrier_settings.CARRIER_URL_KEY, "http://127.0.0.1:9")
	found = outside.carrier()
	assert found.state == FAIL and not frappe.message_log
	monkeypatch.undo()
	carrier.control("faults", {"http_500": 1})
	assert outside.carrier().state == FAIL


def test_skew_is_never_said_larger_than_it_is():
	noon = datetime(2026, 5, 13, 12, tzinfo=timezone.utc)
	later = noon + timedelta(seconds=8)
	assert outside.skew(noon, later, noon + timedelta(seconds=4)) == timedelta()
	assert outside.skew(noon, later, noon + timedelta(seconds=18)) == timedelta(seconds=10)
	assert outside.skew(noon, later, noon - timedelta(seconds=11)) == timedelta(seconds=-10)


@pytest.mark.parametrize(("part", "state"), [(0.5, OK), (0.05, WARN), (0.01, FAIL), (0, FAIL)])
def test_a_disk_that_fills(part, state):
	assert site.judge_disk(int(part * 1000), 1000).state == state


def test_the_disk_of_the_site(school):
	part = site.disk().figures["disk_free_ratio"]
	usage = shutil.disk_usage(frappe.get_site_path())
	assert abs(part - usage.free / usage.total) < 0.05


def test_a_trigger_that_was_dropped(school):
	assert site.database().state == OK
	try:
		triggers.remove(["dialer_event_no_delete"])
		found = site.database()
		assert found.state == FAIL and "dialer_event_no_delete" in found.text
		assert found.figures["walls_missing"] == 1
		triggers.remove()
		assert site.database().state == WARN
	finally:
		assert triggers.create()
	assert site.database().state == OK


def test_a_constraint_that_was_dropped(school):
	try:
		frappe.db.sql_ddl(f"alter table `tabDialer Call Log` drop constraint {schema.PERMITTED}")
		found = site.database()
		assert found.state == FAIL and schema.PERMITTED in found.text
	finally:
		schema.apply()
	assert site.database().state == OK


@pytest.mark.dates
def test_an_anchor_that_is_old(school, pass_time):
	daily_anchor.anchor_now(datetime.now(timezone.utc) - timedelta(seconds=1))
	assert site.anchors().state == OK
	pass_time(hours=37)
	found = site.anchors()
	assert found.state == WARN and found.figures["anchor_seconds"] > 36 * 3600


@pytest.mark.dates
def test_a_country_without_rules_and_rules_that_are_due(school, pass_time):
	frappe.local.dialer_policies = None
	days = (policy_review.due_reviews(date.max)[0].review_by - clock.db_now().date()).days
	pass_time(days=days - 1)
	assert site.policies().state == OK
	pass_time(days=days)
	found = site.policies()
	assert found.state == WARN and found.figures["policies_due"] > 0
	frappe.db.sql("update `tabDialer Policy` set enabled = 0")
	frappe.local.dialer_policies = None
	assert site.policies().state == FAIL
	frappe.local.dialer_policies = None


def test_settings_that_keep_calls_from_starting(cached_settings):
	assert site.readiness().state == OK
	frappe.db.set_single_value("Dialer Settings", "caller_identity", "")
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	found = site.readiness()
	assert found.state == FAIL and "who is calling" in found.text


def test_a_check_that_breaks_is_a_finding_and_the_others_go_on():
	def broken():
		frappe.throw("+13125550142")

	found = examine.examine({"due": broken, "disk": site.disk})
	assert [one.name for one in found] == ["due", "disk"]
	assert found[0].state == FAIL and "ValidationError" in found[0].text and "555" not in found[0].text
	assert not frappe.message_log
