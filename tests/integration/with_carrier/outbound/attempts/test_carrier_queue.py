"""What waits in the carrier's own queue must not ring, or be delivered, after calling hours."""

from datetime import datetime, timedelta, timezone

import frappe
import pytest
from frappe.utils.background_jobs import get_queue
from redis import Redis

from dev.carrier.api.resources import segment_count
from dev.carrier.clock import DEFAULT_SPEED
from dev.patience import PATIENCE, eventually
from school_dialer import scheduler
from school_dialer.base import clock
from school_dialer.campaigns import actions
from school_dialer.campaigns.due import due_campaigns
from school_dialer.campaigns.planning import planner
from school_dialer.compliance.permit import TAKES
from school_dialer.outbound.attempts import canceling, carrier_queue, reconciler
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.outbound.pace import pacer
from school_dialer.settings import carrier_settings
from tests.integration import emergencies
from tests.integration import factories as make

pytestmark = pytest.mark.exhaustive

CLOSES = datetime(2026, 12, 3, 2, tzinfo=timezone.utc)
"""Nine in the evening in New York."""
BEFORE = timedelta(seconds=2 * PATIENCE)
"""How long before that the calls are placed: longer than a slow machine takes, and within the horizon."""
ONE_CALL = 0.001
"""Calls started per second: the first at once, and no other while a test lasts, on a slow machine either."""


@pytest.fixture(autouse=True)
def no_job_waits(school):
	"""Delete the mark that a job waits. A job of an earlier test was discarded with its queue."""
	forget_mark()
	yield
	forget_mark()


def forget_mark() -> None:
	frappe.cache().delete(frappe.cache().make_key(carrier_queue.WAITING_KEY))


@pytest.fixture
def slow_account(carrier):
	"""Yield `slow_account(per_second)`, which makes the account slower than the settings say.

	The unit is calls started per second. No call of an earlier test waits at the carrier then: it would begin
	in place of this test's first one.
	"""
	carrier.wait_until_idle()

	def set_to(per_second: float) -> None:
		carrier.control("account", {"calls_per_second": per_second})

	yield set_to
	set_to(100)
	carrier.control("time", {"speed": DEFAULT_SPEED})
	carrier.wait_until_idle()


def dialed(numbers: list[str], **values):
	"""Return a campaign to these numbers after all of its requests were made."""
	doc = planned(numbers, **values)
	# On a slow machine a chunk gives up what it has not sent, and the dispatcher ends before the next one.
	for _ in range(5):
		dispatcher.run()
		frappe.db.rollback()
		if not due_campaigns():
			break
	return doc


def planned(numbers: list[str], **values):
	make.consents(numbers)
	doc = make.campaign(numbers, **values)
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	return doc


def new_yorkers(carrier, count: int) -> list[str]:
	numbers = [make.phone("212") for _ in range(count)]
	carrier.control("people", {number: {"behaviour": "answers"} for number in numbers})
	return numbers


def at_the_carrier(carrier, numbers: list[str]) -> list[dict]:
	return [
		carrier.control("call", {"sid": entry["sid"]})
		for entry in carrier.log("call")
		if entry["to"] in numbers and entry["sid"]
	]


def queued(carrier, numbers: list[str]) -> int:
	return [call["status"] for call in at_the_carrier(carrier, numbers)].count("queued")


def waiting_at_the_end_of_hours(carrier, set_clock, slow_account, count: int) -> tuple:
	"""Return a campaign of `count` calls, and its numbers, as their calling hours end.

	One call has begun, and the others wait at the carrier.
	"""
	set_clock(CLOSES - BEFORE)
	slow_account(ONE_CALL)
	numbers = new_yorkers(carrier, count)
	doc = dialed(numbers, max_attempts=1)
	eventually("The queue", lambda: queued(carrier, numbers) == count - 1)
	set_clock(CLOSES - carrier_queue.LEAD + timedelta(seconds=1))
	return doc, numbers


@pytest.mark.story
def test_calls_that_have_not_begun_are_taken_back_before_the_hours_end(carrier, set_clock, slow_account):
	doc, numbers = waiting_at_the_end_of_hours(carrier, set_clock, slow_account, 4)
	carrier_queue.mind_closings()
	calls = at_the_carrier(carrier, numbers)
	assert sorted(call["status"] for call in calls).count("canceled") == 3
	frappe.db.rollback()
	rows = make.recipients(doc.name, "status", "attempts", "last_call_log")
	waiting = [row for row in rows if row.status == "Pending"]
	assert len(waiting) == 3 and {row.attempts for row in waiting} == {0}
	log = frappe.get_doc("Dialer Call Log", waiting[0].last_call_log)
	assert log.status == "canceled" and "hours" in log.error_message and not log.attempt_key

	slow_account(100)
	carrier.wait_until_idle()
	set_clock(CLOSES + timedelta(minutes=1))
	dispatcher.run()
	frappe.db.rollback()
	assert {row.status for row in make.recipients(doc.name, "status")} == {"Reached", "Deferred"}
	set_clock(CLOSES + timedelta(hours=11, minutes=5))
	scheduler.tick()
	dispatcher.run()
	carrier.wait_until_idle()
	frappe.db.rollback()
	rows = make.recipients(doc.name, "status", "attempts")
	assert {(row.status, row.attempts) for row in rows} == {("Reached", 1)}


class Reporting:
	"""The carrier, whose report of a canceled call comes before its answer.

	`meanwhile` happens between the question whether the call `waiting` has begun and its cancellation. The
	app may ask about a call that has begun too, if it has not heard of that yet.
	"""

	def __init__(self, handle, waiting: str, meanwhile):
		self.handle, self.waiting, self.meanwhile = handle, waiting, meanwhile
		self.real = carrier_settings.carrier()

	def fetch_status(self, channel: str, sid: str):
		found = self.real.fetch_status(channel, sid)
		if sid == self.waiting:
			self.meanwhile(sid)
		return found

	def cancel(self, channel: str, sid: str) -> str:
		ended = self.real.cancel(channel, sid)
		eventually("The report", lambda: self.reported(sid))
		return ended

	def reported(self, sid: str) -> bool:
		return any(entry["sid"] == sid and entry["http_status"] for entry in self.handle.log("callback"))


def taken_back(carrier, set_clock, slow_account, meanwhile) -> tuple:
	"""Take one call back from the queue, and return its log and its recipient."""
	doc, numbers = waiting_at_the_end_of_hours(carrier, set_clock, slow_account, 2)
	# The app hears later than the carrier that the other call has begun.
	(sid,) = (call["sid"] for call in at_the_carrier(carrier, numbers) if call["status"] == "queued")
	waiting = frappe.db.get_value("Dialer Call Log", {"campaign": doc.name, "carrier_sid": sid})
	carrier_queue.cancel_due(Reporting(carrier, sid, meanwhile))
	frappe.db.rollback()
	log = frappe.get_doc("Dialer Call Log", waiting)
	return log, frappe.get_doc("Dialer Recipient", log.recipient)


def test_the_reason_stands_though_the_carrier_reports_the_end_first(carrier, set_clock, slow_account):
	log, row = taken_back(carrier, set_clock, slow_account, lambda sid: None)
	assert log.status == "canceled" and "hours" in log.error_message and not log.attempt_key
	assert (row.status, row.attempts) == ("Pending", 0)


def test_a_phone_that_began_to_ring_before_it_was_canceled_was_called(carrier, set_clock, slow_account):
	def ring(sid: str) -> None:
		carrier.control("time", {"speed": 0.5})
		slow_account(100)
		eventually("Ringing", lambda: carrier.control("call", {"sid": sid})["status"] == "ringing")
		carrier.control("time", {"speed": DEFAULT_SPEED})

	log, row = taken_back(carrier, set_clock, slow_account, ring)
	assert log.status == "no-answer" and not log.error_message and log.attempt_key
	assert (row.status, row.attempts) == ("Not Reached", 1)


def test_calls_are_taken_back_without_redis(carrier, set_clock, slow_account, monkeypatch):
	monkeypatch.setattr(canceling, "_redis", lambda: Redis(host="127.0.0.1", port=1))
	assert canceling.among(["any"]) == set()
	log, row = taken_back(carrier, set_clock, slow_account, lambda sid: None)
	assert log.status == "canceled" and (row.status, row.attempts) == ("Pending", 0)


def test_a_call_whose_answer_was_lost_is_taken_back_too(carrier, set_clock, slow_account):
	"""Check a call whose worker was killed or whose connection broke.

	Only the carrier's list has its id.
	"""
	set_clock(CLOSES - BEFORE)
	slow_account(ONE_CALL)
	numbers = new_yorkers(carrier, 3)
	carrier.control("faults", {"lose_answer": 1.0})
	doc = dialed(numbers, max_attempts=1)
	carrier.control("faults", {})
	assert {row.status for row in make.recipients(doc.name, "status")} <= {"Unknown", "Dialing", "Reached"}
	set_clock(CLOSES - carrier_queue.LEAD + timedelta(seconds=1))
	carrier_queue.mind_closings()
	assert [call["status"] for call in at_the_carrier(carrier, numbers)].count("canceled") >= 2
	slow_account(100)
	carrier.wait_until_idle()
	set_clock(CLOSES + timedelta(minutes=2))
	reconciler.run()
	frappe.db.rollback()
	rows = make.recipients(doc.name, "status", "attempts")
	assert {row.status for row in rows} <= {"Pending", "Reached"}
	assert {row.attempts for row in rows if row.status == "Pending"} == {0}


@pytest.mark.parametrize("known", [True, False], ids=["its id is known", "its answer was lost too"])
def test_an_emergency_to_the_same_number_is_not_taken_back(carrier, set_clock, slow_account, known):
	set_clock(CLOSES - BEFORE)
	slow_account(ONE_CALL)
	first, number = new_yorkers(carrier, 2)
	dialed([first])
	carrier.control("faults", {"lose_request": 1.0})
	dialed([number], max_attempts=1)
	carrier.control("faults", {} if known else {"lose_answer": 1.0})
	emergency = emergencies.approved([number])
	planner.run(emergency.name)
	dispatcher.run(emergency=True)
	carrier.control("faults", {})
	eventually("The queue", lambda: queued(carrier, [number]) == 1)
	set_clock(CLOSES - carrier_queue.LEAD + timedelta(seconds=1))
	carrier_queue.mind_closings()
	assert queued(carrier, [number]) == 1
	slow_account(100)
	carrier.wait_until_idle()
	reconciler.run()
	frappe.db.rollback()
	assert [row.attempts for row in make.recipients(emergency.name, "attempts")] == [1]


def test_a_phone_that_rings_goes_on_ringing(carrier, set_clock):
	set_clock(CLOSES - BEFORE)
	# So that 25 seconds of ringing outlast a slow machine.
	carrier.control("time", {"speed": 0.2})
	numbers = new_yorkers(carrier, 1)
	carrier.control("people", {numbers[0]: {"behaviour": "no answer"}})
	try:
		dialed(numbers)
		eventually("Ringing", lambda: at_the_carrier(carrier, numbers)[0]["status"] == "ringing")
		set_clock(CLOSES - carrier_queue.LEAD + timedelta(seconds=1))
		carrier_queue.mind_closings()
		(call,) = at_the_carrier(carrier, numbers)
		assert call["status"] == "ringing"
	finally:
		carrier.control("time", {"speed": DEFAULT_SPEED})
		for call in at_the_carrier(carrier, numbers):
			carrier_settings.carrier().cancel("Voice", call["sid"])


def test_a_scheduler_that_looks_seldom_waits_for_the_end_of_hours_earlier(
	carrier, set_clock, slow_account, monkeypatch
):
	monkeypatch.setitem(frappe.conf, "scheduler_tick_interval", 900)
	set_clock(CLOSES - timedelta(minutes=20))
	slow_account(ONE_CALL)
	dialed(new_yorkers(carrier, 2))
	assert not waiting_jobs()
	set_clock(CLOSES - timedelta(minutes=15))
	scheduler.tick()
	assert waiting_jobs()


def test_an_end_of_hours_is_waited_for_by_one_job(carrier, set_clock, slow_account, monkeypatch):
	monkeypatch.setattr(carrier_queue, "MARK_SECONDS", PATIENCE)
	set_clock(CLOSES - timedelta(minutes=20))
	slow_account(ONE_CALL)
	dialed(new_yorkers(carrier, 2))
	assert not waiting_jobs()
	scheduler.tick()
	assert not waiting_jobs()
	set_clock(CLOSES - carrier_queue.HORIZON + timedelta(seconds=5))
	scheduler.tick()
	scheduler.tick()
	assert len(waiting_jobs()) == 1


def waiting_jobs() -> list:
	return [
		job
		for name in ("short", "default", "long")
		for job in get_queue(name).jobs
		if "mind_closings" in str(job.kwargs.get("method"))
	]


def test_no_more_are_placed_while_calls_wait_in_the_queue(carrier, slow_account, monkeypatch):
	slow_account(ONE_CALL)
	numbers = new_yorkers(carrier, 3)
	doc = dialed(numbers)
	account = [pacer.account_stream()]
	try:
		of_campaign = {"campaign": doc.name}
		placed = frappe.db.get_value("Dialer Call Log", of_campaign, "placed_at", order_by="placed_at desc")
		later = clock.from_db(placed) + carrier_queue.YOUNGEST + timedelta(seconds=5)
		monkeypatch.setattr(clock, "now", lambda: later)
		monkeypatch.setattr(carrier_queue, "HOLD_SECONDS", 2 * PATIENCE)
		assert carrier_queue.pause_while_queued(carrier_settings.carrier())
		assert pacer.next_slot(account).free_in > PATIENCE
		assert "queue" in frappe.db.get_value("Dialer Campaign", doc.name, "status_message")
	finally:
		frappe.db.rollback()
		frappe.cache().delete(account[0].key)


def dialed_from(numbers: list[str], **values) -> datetime:
	"""Dial these numbers, and return when that began: a slow machine only makes it last longer."""
	planned(numbers, **values)
	began = datetime.now(timezone.utc)
	dispatcher.run()
	return began


def last_of(requests: list[dict]) -> datetime:
	return max(datetime.fromisoformat(entry["at"]) for entry in requests)


def test_two_numbers_share_the_pace_of_the_account(carrier, set_pace):
	settings, second = frappe.get_doc("Dialer Settings"), make.phone()
	carrier.control("numbers", {second: {}})
	settings.append(
		"sending_numbers", {"phone_number": second, "channel": "Voice", "calls_per_second": 40, "enabled": 1}
	)
	settings.save()
	set_pace(6, account=10)
	numbers = make.many_phones(40)
	carrier.control("people", {number: {"behaviour": "no answer"} for number in numbers})
	try:
		began = dialed_from(numbers)
	finally:
		carrier.control("numbers", {second: None})
		frappe.db.delete("Dialer Sending Number", {"phone_number": second})
		frappe.db.commit()
		frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	requests = [entry for entry in carrier.log("call") if entry["to"] in numbers]
	assert len(requests) == 40 and len({entry["from"] for entry in requests}) == 2
	assert last_of(requests) - began > timedelta(seconds=39 / 10 - 0.5)


def test_texts_keep_to_segments_a_second(carrier, set_pace):
	set_pace(40, segments=10)
	numbers = make.many_phones(8)
	words = (
		"The concert of the fourth grade is on Thursday at six in the gym, and all families are welcome. " * 3
	)
	began = dialed_from(numbers, channel="Text", template=make.template(said={"text": words}))
	requests = [
		entry for entry in carrier.log("message") if entry["to"] in numbers and entry["status"] == 201
	]
	assert len(requests) == 8
	segments = [segment_count(entry["params"]["Body"]) for entry in requests]
	assert min(segments) >= 2
	assert last_of(requests) - began > timedelta(seconds=sum(segments[:-1]) / 10 - 0.5)


def test_a_text_is_good_no_longer_than_the_hours(carrier, set_clock):
	set_clock(CLOSES - timedelta(minutes=10))
	numbers = [make.phone("212")]
	dialed(numbers, channel="Text")
	(entry,) = [
		entry for entry in carrier.log("message") if entry["to"] in numbers and entry["status"] == 201
	]
	left = (CLOSES - datetime.fromisoformat(entry["site_at"])).total_seconds()
	assert 0 < int(entry["params"]["ValidityPeriod"]) <= left - TAKES["Text"].total_seconds()


def test_the_call_log_says_when_the_hours_end(log):
	row = frappe.get_doc("Dialer Call Log", log)
	assert clock.from_db(row.closes_at) > clock.from_db(row.placed_at)
	assert clock.from_db(row.closes_at) - clock.from_db(row.placed_at) < timedelta(hours=14)
