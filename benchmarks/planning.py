"""Planning: recipients per second, compared with Frappe's own inserts of the same rows and with the floor.

The floor is the minimum work: each number is parsed, each row is built from decisions that already exist, and
the rows are inserted by the same statements. What planning costs beyond it is reading people and facts, and
deciding.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import frappe

from benchmarks import place
from school_dialer.base.database.rows import insert
from school_dialer.campaigns import by_hand
from school_dialer.campaigns.planning import planner, recipients
from school_dialer.gate import doc_events
from school_dialer.schools import registry

SIZES = (1_000, 10_000, 100_000)
SOME = 10_000
DOCUMENTS = 200
NIGHT = 12
TITLE = "Planning"


def measure(rounds: int = 5) -> dict[str, Any]:
	"""Measure planning. Times are wall-clock times unless they are named CPU."""
	with place.connected(SIZES[-1]):
		found = {"against": against(rounds), "growth": growth(rounds)}
		place.set_clock(NIGHT)
		found["at_night"] = median(timed_plan(SOME)["per_second"] for _ in range(rounds))
	found["memory_mb"] = in_fresh_process(memory, SIZES[-1])
	return found


def table(found: dict[str, Any]) -> list[tuple[str, str, str]]:
	"""Return rows of what was measured, the result and the goal."""
	against, growth = found["against"], found["growth"]
	rates = [
		(
			f"Recipients planned a second, {one['people']:,} people",
			f"{one['per_second']:,}",
			"5,000" if one["people"] == SIZES[-1] else "",
		)
		for one in growth["sizes"]
	]
	return [
		*rates,
		("… and for each second of the planner's own CPU", f"{growth['per_cpu_second']:,}", ""),
		(f"… {SOME:,} people at night, when everybody is deferred", f"{found['at_night']:,}", ""),
		(
			"Cost of one at 100,000 people, times that at 10,000",
			f"{growth['last_against_10k']}",
			"1.2 or less",
		),
		("Times as fast as `doc.insert()` of the same rows", f"{against['times_doc_insert']}", "15 or more"),
		(
			"… as `doc.insert()` without this app's checks, by plain Frappe",
			f"{against['times_plain_insert']}",
			"",
		),
		("… as Frappe's `bulk_insert` of rows that are ready", f"{against['times_bulk_insert']}", ""),
		("Time, as a multiple of the floor", f"{against['of_the_floor']}", "2 or less"),
		("Memory beyond that of the idle process, MB", f"{found['memory_mb']}", "below 400"),
	]


def bars(found: dict[str, Any]) -> list[tuple[str, float, float, str]]:
	against, growth = found["against"], found["growth"]
	return [
		("100,000 people, recipients a second", growth["sizes"][-1]["per_second"], 5_000, "least"),
		("Cost at 100,000, times that at 10,000", growth["last_against_10k"], 1.2, "most"),
		("Times as fast as doc.insert()", against["times_doc_insert"], 15, "least"),
		("Planning time, times the floor", against["of_the_floor"], 2, "most"),
		("Planner's memory, MB", found["memory_mb"], 400, "most"),
	]


def against(rounds: int) -> dict[str, Any]:
	"""Run planning, the floor and Frappe's inserts in turn, `rounds` times; return medians of the rounds'
	ratios.
	"""
	kept = keep_decided()
	each = [one_round(kept) for _ in range(rounds)]

	def times(way: str) -> float:
		return round(median(one[way] / one["plan"] for one in each), 2)

	return {
		"rounds": rounds,
		"people": SOME,
		"microseconds_each": {way: round(median(one[way] for one in each) * 1e6, 1) for way in each[0]},
		"times_doc_insert": times("doc_insert"),
		"times_plain_insert": times("plain_insert"),
		"times_bulk_insert": times("bulk_insert"),
		"of_the_floor": round(median(one["plan"] / one["floor"] for one in each), 2),
	}


def one_round(kept: list[list[planner.CandidateNumber]]) -> dict[str, float]:
	"""Return the seconds per recipient of each way."""
	seconds = {"plan": 1 / timed_plan(SOME)["per_second"]}
	name = place.campaign(SOME)
	campaign = frappe.get_doc("Dialer Campaign", name)
	rows = [row for options in kept for row in recipients.rows_of(campaign, options)]
	allowed = [row for row in rows if row["verdict"] == "ALLOW"]
	documents = allowed[:: len(allowed) // DOCUMENTS][:DOCUMENTS]
	for way, write, count in (
		("floor", lambda: floor(campaign, kept), len(rows)),
		("bulk_insert", lambda: bulk_insert(rows), len(rows)),
		("doc_insert", lambda: doc_insert(documents), DOCUMENTS),
		("plain_insert", lambda: plain_insert(documents), DOCUMENTS),
	):
		seconds[way] = timed(write) / count
		place.empty(name)
	place.discard(name)
	return seconds


def timed(work: Callable[[], Any]) -> float:
	place.settle()
	begin = time.perf_counter()
	work()
	return time.perf_counter() - begin


def timed_plan(people: int, **values) -> dict[str, Any]:
	"""Plan a campaign to this many people to the end, discard it, and return its counts and rates.

	`values` are fields of the campaign.
	"""
	name = place.campaign(people, **values)
	begin_cpu = time.process_time()
	seconds = timed(lambda: planner.plan_all(name))
	cpu = time.process_time() - begin_cpu
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Campaign", name, "planned_at")
	count = frappe.db.count("Dialer Recipient", {"campaign": name})
	place.discard(name)
	return {
		"people": people,
		"recipients": count,
		"per_second": round(count / seconds),
		"per_cpu_second": round(count / cpu),
	}


def keep_decided() -> list[list[planner.CandidateNumber]]:
	"""Return the options that planning decides on for SOME people: a list per chunk, every household once.

	This also warms up.
	"""
	kept: list[list[planner.CandidateNumber]] = []
	prepare = planner.prepare

	def remember(*arguments):
		chunk = prepare(*arguments)
		kept.append(list(chunk.options))
		return chunk

	planner.prepare = remember
	try:
		timed_plan(SOME)
	finally:
		planner.prepare = prepare
	known: set[str] = set()
	for options in kept:
		options[:] = [option for option in options if option.household_key not in known]
		known.update(option.household_key for option in options)
	return kept


def floor(campaign, kept: list[list[planner.CandidateNumber]]) -> None:
	for options in kept:
		country = registry.country()
		for option in options:
			planner.e164(option.raw, country)
		names = recipients.new_names(len(options))
		insert("Dialer Recipient", list(recipients.rows_of(campaign, options, names)))
		recipients.add_parties(campaign.name, zip(names, options, strict=True))
		frappe.db.commit()


def bulk_insert(rows: list[dict]) -> None:
	for start in range(0, len(rows), planner.CHUNK):
		some = rows[start : start + planner.CHUNK]
		frappe.db.bulk_insert("Dialer Recipient", list(some[0]), [list(row.values()) for row in some])
		frappe.db.commit()


def doc_insert(rows: list[dict]) -> None:
	"""Insert the way a form, the REST API or an import does; the gate decides on each row."""
	for row in rows:
		frappe.get_doc({"doctype": "Dialer Recipient", **row}).insert(set_name=row["name"])
	frappe.db.commit()


def plain_insert(rows: list[dict]) -> None:
	decide, refuse, add = doc_events.decide_recipient, by_hand.refuse, by_hand.add_parties
	doc_events.decide_recipient = by_hand.refuse = by_hand.add_parties = lambda doc, method=None: None
	try:
		doc_insert(rows)
	finally:
		doc_events.decide_recipient, by_hand.refuse, by_hand.add_parties = decide, refuse, add


def growth(rounds: int) -> dict[str, Any]:
	"""Plan each size in turn; return the medians of the rates and of the cost ratios within each turn."""
	turns = [[timed_plan(people) for people in SIZES] for _ in range(rounds)]
	return {
		"rounds": rounds,
		"sizes": [
			{
				"people": people,
				"recipients": turns[0][index]["recipients"],
				"per_second": round(median(turn[index]["per_second"] for turn in turns)),
			}
			for index, people in enumerate(SIZES)
		],
		"per_cpu_second": round(median(turn[-1]["per_cpu_second"] for turn in turns)),
		"last_against_10k": round(
			median(turn[1]["per_second"] / turn[-1]["per_second"] for turn in turns), 2
		),
	}


def memory(people: int) -> int:
	"""Return the peak memory of a planning process, in MB beyond what it holds when everything is loaded."""
	with place.connected(people):
		timed_plan(planner.CHUNK)
		Path("/proc/self/clear_refs").write_text("5")
		idle = status("VmRSS")
		timed_plan(people)
		return round(status("VmHWM") - idle)


def status(field: str) -> float:
	"""Return this process's memory in MB: `VmRSS` is the current size, `VmHWM` the peak since reset."""
	text = Path("/proc/self/status").read_text()
	return int(text.partition(f"{field}:")[2].split()[0]) / 1024


def in_fresh_process(work: Callable[..., Any], *arguments) -> Any:
	with multiprocessing.get_context("spawn").Pool(1) as pool:
		return pool.apply(work, arguments)
