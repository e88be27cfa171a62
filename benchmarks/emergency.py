"""Emergencies: seconds from the second person's approval to the first call at the carrier.

The carrier's own journal gives the time of the call. Measured on an idle site and while a campaign to
everyone is being dialed, with two RQ workers, as `make demo` starts them, and with one worker that is busy
with the campaign.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import datetime, timezone
from statistics import median
from typing import Any

import frappe
from frappe.utils.background_jobs import get_redis_conn
from rq import Worker

from benchmarks import place
from benchmarks.pacing import wait_for_calls
from dev.carrier.server import Handle
from dev.demo.people import APPROVER
from dev.school import users
from dev.site import services
from school_dialer.base import states
from school_dialer.campaigns.actions import approve, start
from school_dialer.campaigns.queues import enqueue_dispatch

EVERYBODY = 100_000
PACE = 10
WORKERS = 2
TITLE = "Emergencies"
EMERGENCY = {
	"purpose": "Emergency",
	"emergency_type": "Weather closure",
	"emergency_reason": "Ice on the roads",
}


def measure(rounds: int = 5) -> dict[str, Any]:
	with place.connected(EVERYBODY), place.dialing(PACE) as carrier:
		users.create()
		frappe.db.commit()
		idle = [first_call(carrier, WORKERS) for _ in range(rounds)]
		everybody = place.planned(EVERYBODY)
		busy = [first_call(carrier, WORKERS, everybody) for _ in range(rounds)]
		one_worker = [first_call(carrier, 1, everybody) for _ in range(rounds)]
		place.discard(everybody)
	return {
		"rounds": rounds,
		"people": EVERYBODY,
		"calls_per_second": PACE,
		"idle_seconds": round(median(idle), 2),
		"busy_seconds": round(median(busy), 2),
		"busy_one_worker_seconds": round(median(one_worker), 2),
		"longest_seconds": round(max(idle + busy + one_worker), 2),
	}


def table(found: dict[str, Any]) -> list[tuple[str, str, str]]:
	"""Return rows of what was measured, the result and the goal."""
	people = f"{found['people']:,}"
	return [
		("Seconds from approval to the first call, idle", f"{found['idle_seconds']}", "2"),
		(f"… while {people} people are being called", f"{found['busy_seconds']}", "3"),
		("… when the only worker is busy with them", f"{found['busy_one_worker_seconds']}", "3"),
		("The longest of all", f"{found['longest_seconds']}", ""),
	]


def bars(found: dict[str, Any]) -> list[tuple[str, float, float, str]]:
	return [
		("First emergency call, idle site, seconds", found["idle_seconds"], 2, "most"),
		("First emergency call, 100,000 being called, seconds", found["busy_seconds"], 3, "most"),
	]


def first_call(carrier: Handle, workers: int, everybody: str | None = None) -> float:
	"""Return the seconds from approval until the emergency's first call arrives at the carrier."""
	carrier.control("reset", {"truncate_log": True})
	name = awaiting()
	if everybody:
		enqueue_dispatch()
		frappe.db.commit()
	with ExitStack() as stack:
		started = services.start_worker(n=workers)
		for worker in started:
			stack.callback(worker.stop)
		if everybody:
			wait_for_calls(carrier, 3 * PACE)
		else:
			wait_for_idle([worker.pid for worker in started])
		begin = datetime.now(timezone.utc)
		frappe.set_user(APPROVER)
		approve(name)
		frappe.db.commit()
		frappe.set_user("Administrator")
		seconds = wait_for_call_of(carrier, name, begin)
		set_status(everybody, states.PAUSED)
	set_status(everybody, states.RUNNING)
	place.discard(name)
	return seconds


def wait_for_idle(pids: list[int], seconds: float = 60) -> None:
	"""Wait until these workers have started and emptied their queue.

	Raises TimeoutError if they are still not idle after `seconds`.
	"""
	end, connection = time.monotonic() + seconds, get_redis_conn()
	while not set(pids) <= {one.pid for one in Worker.all(connection) if one.get_state() == "idle"}:
		if time.monotonic() > end:
			raise TimeoutError("the workers are not idle")
		time.sleep(0.1)


def awaiting() -> str:
	"""Create an emergency, and ask for a second person's approval, as staff does. Commits.

	Its audience are the guardians of a student group. What is approved is what was asked for, by its seal.
	"""
	name = (
		frappe.get_doc(
			{
				"doctype": "Dialer Campaign",
				"title": place.TITLE,
				"channel": "Voice",
				"audience_source": "Guardians of a Student Group",
				"audience_doctype": "Student Group",
				"audience_name": "Benchmark group 0",
				"template": place.template("Emergency"),
				**EMERGENCY,
			}
		)
		.insert()
		.name
	)
	start(name)
	frappe.db.commit()
	return name


def wait_for_call_of(carrier: Handle, campaign: str, begin: datetime, seconds: float = 60) -> float:
	end = time.monotonic() + seconds
	while time.monotonic() < end:
		frappe.db.rollback()
		logs = set(frappe.get_all("Dialer Call Log", {"campaign": campaign}, pluck="name", order_by="name"))
		for call in carrier.log("call"):
			if call["params"]["Url"].rpartition("log=")[2] in logs:
				return (datetime.fromisoformat(call["at"]) - begin).total_seconds()
		time.sleep(0.05)
	raise TimeoutError("the emergency's first call has not reached the carrier")


def set_status(name: str | None, status: str) -> None:
	"""Set a campaign's status directly. Commits.

	Workers are only stopped while nothing is due, because they finish their job first.
	"""
	frappe.db.sql("update `tabDialer Campaign` set status = %s where name = %s", (status, name))
	frappe.db.commit()
