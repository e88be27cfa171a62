"""Pacing: the share of the configured calls per second that reaches the carrier, and the fullest second.

Real RQ workers dispatch. The time of a request is its arrival at the carrier, by the carrier's own journal.
The rate is that of the requests between the first and the last one. A second may hold one call more than the
pace.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from statistics import median
from typing import Any

import frappe

from benchmarks import place
from dev.carrier.server import Handle
from dev.site import services
from school_dialer.campaigns.queues import enqueue_dispatch

PACES = (1, 10, 50)
WORKERS = (1, 2)
SECONDS = 12
PEOPLE = 1_500
TITLE = "Pacing"
HEADS = ("Calls a second", "Workers", "Reached", "Calls in the fullest second", "Goal")


def measure(rounds: int = 5) -> dict[str, Any]:
	found = []
	with place.connected(PEOPLE), place.dialing(PACES[0]) as carrier:
		for pace in PACES:
			for workers in WORKERS:
				each = [one_round(carrier, pace, workers) for _ in range(rounds)]
				found.append(
					{
						"pace": pace,
						"workers": workers,
						"reached_percent": round(median(one["rate"] for one in each) / pace * 100, 1),
						"fullest_second": max(one["fullest"] for one in each),
					}
				)
	return {"rounds": rounds, "seconds": SECONDS, "paces": found}


def table(found: dict[str, Any]) -> list[tuple[str, ...]]:
	return [
		(
			f"{one['pace']}",
			f"{one['workers']}",
			f"{one['reached_percent']} %",
			f"{one['fullest_second']}",
			f"98 % or more, and at most {one['pace'] + 1} in a second",
		)
		for one in found["paces"]
	]


def bars(found: dict[str, Any]) -> list[tuple[str, float, float, str]]:
	least = min(one["reached_percent"] for one in found["paces"])
	most = max(one["fullest_second"] - one["pace"] for one in found["paces"])
	return [
		("Of the configured calls a second, at the carrier, %", least, 98, "least"),
		("Calls beyond the pace in the fullest second", max(most, 0), 1, "most"),
	]


def one_round(carrier: Handle, pace: int, workers: int) -> dict[str, float]:
	place.pace(pace)
	name = place.planned(PEOPLE)
	carrier.control("reset", {"truncate_log": True})
	for worker in range(workers):
		enqueue_dispatch(worker=worker)
	frappe.db.commit()
	with ExitStack() as stack:
		for worker in services.start_worker(n=workers):
			stack.callback(worker.stop)
		wait_for_calls(carrier, 1)
		time.sleep(SECONDS)
		frappe.db.sql("update `tabDialer Campaign` set status = 'Paused' where name = %s", name)
		frappe.db.commit()
		arrivals = arrived(carrier)
	place.discard(name)
	return {
		"rate": (len(arrivals) - 1) / (arrivals[-1] - arrivals[0]),
		"fullest": fullest_second(arrivals),
	}


def wait_for_calls(carrier: Handle, count: int, seconds: float = 60) -> None:
	end = time.monotonic() + seconds
	while len(carrier.log("call")) < count:
		if time.monotonic() > end:
			raise TimeoutError("no call has reached the carrier")
		time.sleep(0.05)


def arrived(carrier: Handle) -> list[float]:
	"""Return the sorted arrival times, in Unix seconds, of the calls that the carrier accepted."""
	calls = [call for call in carrier.log("call") if call["status"] == 201]
	return sorted(datetime.fromisoformat(call["at"]).timestamp() for call in calls)


def fullest_second(arrivals: Sequence[float]) -> int:
	"""Return the most arrivals within any window of one second, wherever it begins."""
	most = first = 0
	for last, moment in enumerate(arrivals):
		while arrivals[first] <= moment - 1:
			first += 1
		most = max(most, last - first + 1)
	return most
