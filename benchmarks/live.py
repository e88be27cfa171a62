"""The queries that a running campaign's form sends every three seconds, for a large campaign.

Each statement is listed with its time and its query plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from typing import Any

import frappe

from benchmarks import place, queries, reports
from school_dialer.base import clock
from school_dialer.reporting import live

TITLE = "The live view"
RECIPIENTS, CALLS = 100_000, 150_000
NAME = "BENCH-LIVE"
GOAL = 100
HEADS = (f"Statement, {RECIPIENTS:,} recipients and {CALLS:,} calls", "ms", "Index", "Goal, ms")
OTHERS = "The slowest of the others"
WORDS = {
	live.STATES: "Recipients by state",
	live.BLOCKED: "Those who are not called, by reason",
	live.DUE: "First and last who wait, for each of two states",
	live.ATTEMPTS: "Calls by status, channel, answerer and error, with their minutes",
	live.RECENT: "Calls of the last ten seconds",
}


def measure(rounds: int = 5) -> dict[str, Any]:
	"""Return medians in milliseconds; the first run is not counted."""
	with place.connected(0), filled() as campaign:
		live.live_figures(campaign)
		turns = [queries.statements_of(lambda: live.live_figures(campaign)) for _ in range(rounds)]
		statements: dict[str, dict[str, Any]] = {}
		for each in zip(*turns, strict=True):
			query, values, _ms = each[0]
			ms = median(ms for _query, _values, ms in each)
			what = WORDS.get(query, OTHERS)
			if what not in statements or ms > statements[what]["ms"]:
				statements[what] = queries.explained(query, values, ms)
		asked = [sum(ms for _query, _values, ms in turn) for turn in turns]
	return {"rounds": rounds, "statements": statements, "all": round(median(asked), 1)}


def table(found: dict[str, Any]) -> list[tuple[str, ...]]:
	rows = [
		(
			what,
			f"{one['ms']:.1f}",
			", ".join(f"`{step['key']}`" for step in one["steps"]) or "read from the index's ends",
			f"{GOAL} or less",
		)
		for what, one in found["statements"].items()
	]
	return [*rows, ("All of it", f"{found['all']:.1f}", "", "")]


def bars(found: dict[str, Any]) -> list[tuple[str, float, float, str]]:
	slowest = max(one["ms"] for one in found["statements"].values())
	return [("Slowest statement of the live view, ms", slowest, GOAL, "most")]


@contextmanager
def filled() -> Iterator[Any]:
	"""Yield a campaign whose calls went out over the last six hours, and delete it at the end."""
	empty()
	started = clock.db_now() - timedelta(hours=6)
	reports.campaign(NAME, started)
	reports.recipients(NAME, RECIPIENTS)
	reports.logs(NAME, started, CALLS)
	frappe.db.commit()
	reports.analyze("Dialer Recipient", "Dialer Call Log")
	try:
		yield frappe.get_doc("Dialer Campaign", NAME)
	finally:
		empty()


def empty() -> None:
	for doctype in ("Dialer Recipient", "Dialer Call Log"):
		place.empty(NAME, doctype)
	frappe.db.delete("Dialer Campaign", {"name": NAME})
	frappe.db.commit()
