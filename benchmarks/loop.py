"""The whole loop: calls placed, answered, worded, keyed, and ended at one pace, by the site's own processes.

A worker of Frappe's dials a planned campaign. The simulated carrier takes each call, lets everyone answer,
fetches the words from the site's web server behind the fast path, presses keys, and reports the end. One in
KEYED presses a key to hear the message again, one in STOPPED stops the calls. All of it shares the machine
with the carrier, whose own share is reported too. The campaign must reach and end every call that it placed.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import datetime
from statistics import median
from typing import Any

import frappe
import redis

from benchmarks import costs, place
from benchmarks.kit import meter
from dev.site import processes, services
from school_dialer.base import states
from school_dialer.campaigns.planning import planner
from school_dialer.campaigns.queues import enqueue_dispatch

TITLE = "The whole loop"
PEOPLE, CALLS, PACE = 4_000, 2_000, 200
KEYED, STOPPED = 10, 100
CARRIED = 1_000
"""Calls per second that the carrier itself would take: more than are sent."""
MOST_SECONDS = 300


def measure(rounds: int = 3) -> dict[str, Any]:
	with place.connected(costs.PEOPLE), costs.on_stage() as stage:
		place.pace(PACE)
		runs = [one_run(stage) for _ in range(max(1, min(rounds, 3)))]
	found: dict[str, Any] = {"rounds": len(runs), "pace": PACE}
	return found | {name: round(median(run[name] for run in runs), 3) for name in runs[0]}


def table(found: dict[str, Any]) -> list[tuple[str, str, str]]:
	"""Return rows of what was measured, the result and the goal."""
	return [
		("Calls placed a second", f"{found['placed_per_second']:.0f}", f"{found['pace']}"),
		("Calls placed, answered, worded, keyed, and ended a second", f"{found['ended_per_second']:.0f}", ""),
		("Calls placed", f"{found['placed']:,.0f}", ""),
		("… reached and ended", f"{found['reached']:,.0f}", f"{found['placed']:,.0f}"),
		("… that stopped the calls by a key", f"{found['stopped']:,.0f}", ""),
		("Redis commands for a call and its reports", f"{found['redis']:.1f}", "6"),
		("Statements for a call and its reports", f"{found['statements']:.1f}", ""),
		("CPU for a call and its reports: the worker, ms", f"{found['worker_ms']:.2f}", ""),
		("… the web server, ms", f"{found['web_ms']:.2f}", ""),
		("… MariaDB, ms", f"{found['database_ms']:.2f}", ""),
		("… the simulated carrier, on the same two cores, ms", f"{found['carrier_ms']:.2f}", ""),
	]


def bars(found: dict[str, Any]) -> list[tuple[str, float, float, str]]:
	return [("Redis commands for a call and its reports", found["redis"], 6, "most")]


def one_run(stage: costs.Stage) -> dict[str, float]:
	"""Run one campaign to its end and return what it took, per call where the name does not say otherwise."""
	name = place.campaign(PEOPLE, max_attempts=1)
	planner.plan_all(name)
	costs.keep(name, CALLS)
	stage.carrier.control("reset", {"truncate_log": True})
	stage.carrier.control("account", {"calls_per_second": CARRIED})
	stage.carrier.control("people", behaviours(name))
	place.settle()
	with ExitStack() as stack:
		(worker,) = services.start_worker(n=1)
		stack.callback(worker.stop)
		before = readings(stage, worker.pid)
		place.let_run(name)
		enqueue_dispatch()
		frappe.db.commit()
		seconds = until_over(name)
		stage.carrier.wait_until_idle(costs.IDLE_SECONDS)
		after = readings(stage, worker.pid)
	found = judged(name, stage, seconds)
	each = {what: (after[what] - before[what]) / found["placed"] for what in after}
	place.discard(name)
	return {**found, **{what: value * (1000 if what.endswith("_ms") else 1) for what, value in each.items()}}


def behaviours(campaign: str) -> dict[str, dict]:
	"""Return what each family does: most listen to the end, some press a key."""
	phones = frappe.get_all("Dialer Recipient", {"campaign": campaign}, pluck="phone", order_by="name")
	keyed = {phone: {"behaviour": "presses", "digits": ["2"]} for phone in phones[::KEYED]}
	stopped = {phone: {"behaviour": "presses", "digits": ["9"]} for phone in phones[1::STOPPED]}
	return {"*": {"behaviour": "answers"}} | keyed | stopped


def until_over(name: str) -> float:
	"""Wait until the campaign has no open recipient, and return the seconds.

	Raises TimeoutError with the states of its recipients if that takes longer than MOST_SECONDS.
	"""
	begin = time.monotonic()
	while open_states := states_of(name, states.OPEN):
		if time.monotonic() - begin > MOST_SECONDS:
			raise TimeoutError(f"the campaign is not over: {open_states}")
		time.sleep(0.2)
	return time.monotonic() - begin


def states_of(name: str, among: tuple[str, ...]) -> dict[str, int]:
	frappe.db.rollback()
	return dict(
		frappe.db.sql(
			"""select status, count(*) from `tabDialer Recipient`
			where campaign = %s and status in %s group by status""",
			(name, among),
		)
	)


def judged(name: str, stage: costs.Stage, seconds: float) -> dict[str, float]:
	"""Return the counts of the run. Raises AssertionError unless every call was reached and ended."""
	frappe.db.rollback()
	of = {"campaign": name}
	placed = frappe.db.count("Dialer Call Log", of)
	ended = frappe.db.count("Dialer Call Log", {**of, "status_rank": (">=", states.FINAL_RANK)})
	found = states_of(name, (states.REACHED, states.NOT_REACHED, states.BLOCKED))
	reached = found.get(states.REACHED, 0)
	assert placed == ended == reached, f"{placed} calls: {ended} ended, recipients {found}"
	sent = sorted(datetime.fromisoformat(call["at"]) for call in stage.carrier.log("call"))
	stopped = frappe.db.count("Dialer Call Log", {**of, "keys_pressed": "9"})
	return {
		"placed": placed,
		"reached": reached,
		"stopped": stopped,
		"placed_per_second": (len(sent) - 1) / (sent[-1] - sent[0]).total_seconds(),
		"ended_per_second": placed / seconds,
	}


def readings(stage: costs.Stage, worker: int) -> dict[str, float]:
	"""Return the CPU seconds so far of each part, and what MariaDB and Redis have counted."""
	found = meter.readings()
	queue = redis.Redis.from_url(frappe.conf.redis_queue).info("stats")
	return {
		"worker_ms": family_cpu(worker),
		"web_ms": family_cpu(stage.web.pid),
		"carrier_ms": family_cpu(stage.carrier.process.pid),
		"database_ms": found["database_cpu"],
		"statements": found["statements"],
		"redis": found["redis_commands"] + queue["total_commands_processed"],
	}


def family_cpu(pid: int) -> float:
	"""Return the CPU seconds of a process and of all that it started, those that have ended included."""
	own = [pid, *processes.descendants(pid)]
	return sum(map(meter.process_cpu, own)) + sum(map(ended_children_cpu, own))


def ended_children_cpu(pid: int) -> float:
	with open(f"/proc/{pid}/stat") as file:
		fields = file.read().rpartition(")")[2].split()
	return (int(fields[13]) + int(fields[14])) / meter.TICK
