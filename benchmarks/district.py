"""Planning in a district of 200 schools, compared with the same people on a site with one school.

Each household's call is in the name of its own school, so planning reads each student's school, and the facts
of each school count for its own calls. Both are planned in turn, in one run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import frappe

from benchmarks import place, planning, queries
from school_dialer.campaigns.planning import planner, recipients
from school_dialer.schools import registry

SCHOOLS = 200
PEOPLE = 100_000
NAME = "Benchmark school"
TITLE = "Planning in a district"
BY_FAMILY = {"said_by": "Each family's school"}


def measure(rounds: int = 5) -> dict[str, Any]:
	"""Measure planning of 100,000 people with one school and with 200, in turn."""
	with place.connected(PEOPLE):
		planning.timed_plan(planner.CHUNK)
		turns = []
		for _ in range(rounds):
			alone = planning.timed_plan(PEOPLE)["per_second"]
			with district():
				turns.append((alone, planning.timed_plan(PEOPLE, **BY_FAMILY)["per_second"]))
		one = statements()
		with district():
			many, own = statements(**BY_FAMILY), statements(school=school(0))
	return {
		"rounds": rounds,
		"people": PEOPLE,
		"schools": SCHOOLS,
		"one_school_per_second": round(median(alone for alone, _many in turns)),
		"per_second": round(median(many for _alone, many in turns)),
		"times_one_school": round(median(alone / many for alone, many in turns), 2),
		"statements": {"one school": one, "district": many, "one of 200": own},
	}


def table(found: dict[str, Any]) -> list[tuple[str, str, str]]:
	"""Return rows of what was measured, the result and the goal."""
	statements = found["statements"]
	return [
		(f"Recipients planned a second, {SCHOOLS} schools", f"{found['per_second']:,}", "5,000"),
		("… with one school, in the same run", f"{found['one_school_per_second']:,}", ""),
		("Time, as a multiple of that with one school", f"{found['times_one_school']}", "1.15 or less"),
		("Statements of a chunk of 1,000, one school", f"{statements['one school']}", ""),
		(
			f"… {SCHOOLS} schools, each call in the name of its own",
			f"{statements['district']}",
			"2 more at most",
		),
		("… a campaign of one of them", f"{statements['one of 200']}", "2 more at most"),
	]


def bars(found: dict[str, Any]) -> list[tuple[str, float, float, str]]:
	return [
		(f"{SCHOOLS} schools, recipients a second", found["per_second"], 5_000, "least"),
		("Planning time, times one school's", found["times_one_school"], 1.15, "most"),
	]


@contextmanager
def district() -> Iterator[None]:
	"""Share the students out among SCHOOLS schools; one school again at the end. Commits."""
	add_schools()
	use(True)
	try:
		yield
	finally:
		use(False)


def add_schools() -> None:
	known = set(frappe.get_all("Dialer School", pluck="name"))
	for number in range(SCHOOLS):
		if school(number) not in known:
			values = {"school_name": school(number), "caller_identity": f"School {number}", "enabled": 0}
			frappe.get_doc({"doctype": "Dialer School", **values}).insert()
	if not frappe.db.exists("Student", {"dialer_school": school(0)}):
		frappe.db.sql(
			"""update `tabStudent` set dialer_school = concat(%s, ' ', mod(crc32(name), %s))
			where name like 'BENCH-STU-%%'""",
			(NAME, SCHOOLS),
		)
	frappe.db.commit()


def use(enabled: bool) -> None:
	frappe.db.sql(
		"update `tabDialer School` set enabled = %s where name like %s", (int(enabled), f"{NAME} %")
	)
	registry.forget()
	frappe.db.commit()


def school(number: int) -> str:
	return f"{NAME} {number}"


def statements(**values) -> int:
	"""Return how many statements read, decide, and write a chunk, the second time that it is planned."""
	campaign = frappe.get_doc("Dialer Campaign", place.campaign(PEOPLE, **values))
	source = planner.source_of(campaign)

	def work() -> None:
		households, _cursor = source.eligible_households(queries.MIDDLE, planner.CHUNK)
		recipients.add_candidates(campaign, planner.decide(campaign, households))
		frappe.db.rollback()

	work()
	count = len(queries.statements_of(work))
	place.discard(campaign.name)
	return count
