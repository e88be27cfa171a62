"""A dispatcher that fails has a successor within seconds: what is due does not wait for the tick."""

from collections import Counter
from collections.abc import Iterator

import frappe
import pytest
from frappe.utils.background_jobs import get_queue
from redis.exceptions import ConnectionError as RedisLost

from dev.patience import eventually
from dev.site import services
from school_dialer.base import jobs, states
from school_dialer.base.database.errors import ConnectionErrors
from school_dialer.base.jobs import JobFailed
from school_dialer.campaigns import actions, queues
from school_dialer.campaigns.planning import planner
from school_dialer.outbound.dispatch import dispatcher, successor
from tests.integration import emergencies, errors
from tests.integration import factories as make
from tests.integration.with_carrier.running import QUEUES, prepare, state_of

SLOWLY = 2.5
"""Calls per second, so that most are still to come when the connection is cut."""


@pytest.fixture
def waits(nothing_left, monkeypatch) -> Iterator[list[int]]:
	"""Yield the seconds that failed jobs wait, which pass at once. No failure came before."""
	found = []

	def pass_at_once(seconds: int) -> None:
		found.append(seconds)
		forget("waits")

	monkeypatch.setattr(successor, "sleep", pass_at_once)
	forget("waits", "failures")
	yield found
	forget("waits", "failures")


def forget(*what: str) -> None:
	for one in what:
		for lane in ("0-0", "1-0"):
			frappe.cache().execute_command("DEL", successor.key(one, lane))


@pytest.fixture
def broken(monkeypatch) -> None:
	def fail() -> None:
		raise RuntimeError("broken on purpose")

	monkeypatch.setattr(dispatcher, "pause_without_numbers", fail)


@pytest.fixture
def emergency(school):
	number = make.phone()
	make.consent(number)
	doc = emergencies.approved([number])
	planner.run(doc.name)
	return doc


def fail(emergency: bool) -> list[dict]:
	"""Run a dispatcher that fails, and return the arguments of those it has enqueued."""
	queue = get_queue("short" if emergency else "long")
	queue.empty()
	with pytest.raises(JobFailed):
		dispatcher.run(emergency)
	return [job.kwargs["kwargs"] for job in queue.jobs if "dispatcher.run" in str(job.kwargs["method"])]


def test_in_an_emergency_it_comes_until_the_failure_is_over(emergency, broken, waits):
	before = errors.about("serve_lane")
	found = [fail(emergency=True) for _ in range(12)]
	assert found == [[{"emergency": True, "worker": 0}]] * 12
	assert waits == [3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 30, 30]
	assert len(errors.about("serve_lane") - before) == 12, "each failure is reported once"


def test_of_an_ordinary_lane_the_fourth_failure_in_a_row_is_left_to_the_tick(school, broken, waits):
	number = make.phone()
	make.consent(number)
	prepare(make.campaign([number]))
	found = [fail(emergency=False) for _ in range(4)]
	assert found == [[{"emergency": False, "worker": 0}]] * 3 + [[]] and waits == [3, 6, 9]


def test_of_jobs_that_fail_at_once_one_has_a_successor(emergency, broken, waits):
	frappe.cache().set(successor.key("waits", "1-0"), 1)
	assert fail(emergency=True) == [] and waits == []
	forget("waits")
	assert fail(emergency=True) and waits == [3], "the job that did not wait counts as no failure"


def test_it_does_not_come_for_nothing(emergency, broken, waits, monkeypatch):
	def canceled_meanwhile(seconds: int) -> None:
		waits.append(seconds)
		actions.cancel(emergency.name)
		frappe.db.commit()

	monkeypatch.setattr(successor, "sleep", canceled_meanwhile)
	assert fail(emergency=True) == [] and waits == [3]


def test_a_connection_that_is_lost_in_the_wait_is_replaced(emergency, broken, waits, monkeypatch):
	real, replaced, lost = successor.is_anything_due, [], [ConnectionErrors[0](2006, "lost on purpose")]

	def look(emergency_only: bool) -> bool:
		if lost:
			raise lost.pop()
		return real(emergency_only)

	monkeypatch.setattr(successor, "is_anything_due", look)
	monkeypatch.setattr(successor, "await_database", lambda: replaced.append(True))
	assert fail(emergency=True) and replaced == [True]


def test_without_redis_it_is_left_to_the_tick(emergency, broken, waits, monkeypatch):
	def lost(_lane: str) -> int:
		raise RedisLost

	monkeypatch.setattr(successor, "failures_in_a_row", lost)
	assert fail(emergency=True) == [] and waits == []


def test_a_database_that_restarts_is_waited_for(school, monkeypatch):
	tries, slept = iter([None, None, "connected"]), []
	monkeypatch.setattr(successor, "reconnect", lambda: setattr(frappe.db, "_conn", next(tries)))
	monkeypatch.setattr(successor, "sleep", slept.append)
	monkeypatch.setattr(frappe.db, "_conn", frappe.db._conn)
	successor.await_database()
	assert slept == [1, 1] and frappe.db._conn == "connected"


def test_a_worker_goes_on_after_its_dispatcher_lost_the_connection(carrier, set_pace, waits):
	"""Check a real worker without a scheduler: only a successor can call those who are left."""
	set_pace(SLOWLY, account=SLOWLY)
	numbers = make.many_phones(40)
	make.consents(numbers)
	doc = emergencies.approved(numbers)
	planner.run(doc.name)
	for name in QUEUES:
		get_queue(name).empty()
	queues.enqueue_dispatch(emergency=True)
	frappe.db.commit()
	before = errors.about("serve_lane")
	(worker,) = services.start_worker()
	try:
		eventually("The first calls", lambda: called(carrier, numbers) >= 3)
		frappe.db.rollback()
		frappe.db.sql("kill %s", frappe.db.sql("select is_used_lock(%s)", jobs._lock("emergency-0"))[0][0])
		eventually("The end of the emergency", lambda: ended(doc), lambda: called(carrier, numbers))
	finally:
		worker.stop()
	assert len(errors.about("serve_lane") - before) == 1
	calls = Counter(entry["to"] for entry in carrier.log("call") if entry["to"] in numbers)
	assert calls == dict.fromkeys(numbers, 1)


def called(carrier, numbers: list[str]) -> int:
	return len([entry for entry in carrier.log("call") if entry["to"] in numbers])


def ended(doc) -> bool:
	frappe.db.rollback()
	return state_of(doc) == states.COMPLETED
