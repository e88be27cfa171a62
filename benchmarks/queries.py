"""The statements of one planning chunk, each with the index that MariaDB uses, according to EXPLAIN."""

from __future__ import annotations

import re
import time
from typing import Any

import frappe

from benchmarks import place, population
from school_dialer.audience.base import sources
from school_dialer.campaigns.planning import planner, recipients

TITLE = "Queries of one chunk"
HEADS = ("Audience, 100,000 guardians on the site", "Reads", "Index", "Rows examined (estimate)", "ms")
PEOPLE, PLANNED = 100_000, 10_000
MIDDLE = f"BENCH-GRD-{PEOPLE // 2:06d}"
AUDIENCES = {
	"All guardians": (MIDDLE, None),
	"Guardians of a Program": (MIDDLE, population.PROGRAM),
	"Guardians of a Student Group": ("", population.GROUP),
	"Students of a Student Group": ("", population.GROUP),
}


def measure(rounds: int = 1) -> dict[str, Any]:
	"""Measure one chunk of each audience, the second time it is read. `rounds` makes no difference."""
	with place.connected(PEOPLE):
		name = place.campaign(PLANNED)
		try:
			planner.plan_all(name)
			return {label: chunk(name, label, *chosen) for label, chosen in AUDIENCES.items()}
		finally:
			place.discard(name)


def table(found: dict[str, Any]) -> list[tuple[str, ...]]:
	rows = []
	for label in AUDIENCES:
		for statement in found[label]:
			for step in statement["steps"]:
				first = step is statement["steps"][0]
				rows.append(
					(
						label if first and statement is found[label][0] else "",
						f"`{step['table']}`",
						f"`{step['key']}`",
						f"{step['rows']:,}",
						f"{statement['ms']:.1f}" if first else "",
					)
				)
	return rows


def chunk(name: str, label: str, after: str, group: str | None) -> list[dict[str, Any]]:
	campaign = frappe._dict(
		name=name,
		audience_source=label,
		audience_name=group,
		purpose="Event",
		channel="Voice",
		max_attempts=1,
	)

	def work() -> None:
		households, _cursor = sources()[label](campaign).households(after, planner.CHUNK)
		recipients.add_candidates(campaign, planner.decide(campaign, households))
		frappe.db.rollback()

	work()
	return [explained(*one) for one in statements_of(work) if str(one[0]).lstrip().startswith("select")]


def statements_of(work) -> list[tuple[str, Any, float]]:
	"""Return each statement that `work` sends, its values and the milliseconds it took."""
	real, seen = frappe.db.sql, []

	def timed(query, values=(), *arguments, **more):
		begin = time.perf_counter()
		result = real(query, values, *arguments, **more)
		seen.append((query, values, (time.perf_counter() - begin) * 1000))
		return result

	frappe.local.db.sql = timed
	try:
		work()
	finally:
		del frappe.local.db.sql
	return seen


def explained(query: str, values: Any, ms: float) -> dict[str, Any]:
	doctypes = {alias: doctype for doctype, alias in re.findall(r"`tab([^`]+)` (\w+)", query)}
	steps = [
		{
			"table": doctypes.get(row.table, row.table.removeprefix("tab")),
			"key": row.key or "none",
			"rows": int(row.rows or 0),
		}
		for row in frappe.db.sql("explain " + query, values, as_dict=True)
		if row.table and not row.table.startswith("<")
	]
	return {"ms": round(ms, 1), "steps": steps}
