"""A capacity model of a state with five million families, for a campaign and for an emergency.

It covers machines, MariaDB, Redis and carrier accounts. The functions of the model are pure. The cost of a
recipient, a call and a status callback is measured (`costs.py`) at a small size. The model then predicts the
cost at a larger size, which it was not fitted on, and its error is printed beside the result. What cannot be
measured here is a named assumption, in `Assumptions` and in docs/capacity.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from math import ceil, inf
from pathlib import Path
from statistics import median
from typing import Any

TITLE = "Capacity"
PAGE = "capacity.md"
PLANS = (10_000, 100_000)
CALLS = (1_000, 2_000)
GOOD_ERROR = 0.15
CPU_ELSEWHERE = {"call": ("dispatch", "paced", "dispatch_ms"), "report": ("callbacks", "mix", "web_ms")}
RESULTS = Path(__file__).with_name("results") / "results.json"


@dataclass(frozen=True)
class Cost:
	"""The cost of one recipient planned, one call placed or one callback answered. CPU is in seconds."""

	cpu: float
	database_cpu: float
	statements: float
	commits: float
	log_bytes: float
	disk_bytes: float
	redis_commands: float
	redis_bytes: float
	redis_cpu: float


@dataclass(frozen=True)
class Costs:
	recipient: Cost
	call: Cost
	report: Cost
	plan_seconds: float
	"""Wall-clock seconds that one planner needs for one recipient."""


@dataclass(frozen=True)
class Assumptions:
	"""What is not measured. docs/capacity.md lists each assumption with its reason."""

	families: int = 5_000_000
	numbers_per_family: float = 1.6
	answered: float = 0.65
	max_attempts: int = 2
	reports_when_answered: float = 2.1
	reports_otherwise: float = 1.0
	seconds_answered: float = 35
	seconds_otherwise: float = 25
	campaigns_a_year: int = 60
	years_kept: int = 4
	copies: float = 3
	core_use: float = 0.6
	cores_of_a_machine: int = 16
	database_cores: int = 32
	database_core_use: float = 0.5
	database_log_mb: float = 100
	database_commits: float = 5_000
	redis_mb: float = 600
	planning_share: float = 0.1
	account_calls_per_second: float = 30


@dataclass(frozen=True)
class Scenario:
	name: str
	seconds: float
	may_be_called: float


CAMPAIGN = Scenario("Ordinary campaign, one evening of 4 hours", 4 * 3600, 0.86)
EMERGENCY_HOUR = Scenario("Emergency, everyone within 60 minutes", 3600, 0.98)
EMERGENCY_QUARTER = Scenario("Emergency, everyone within 15 minutes", 900, 0.98)
SCENARIOS = (CAMPAIGN, EMERGENCY_HOUR, EMERGENCY_QUARTER)


@dataclass(frozen=True)
class Work:
	"""How much work a scenario makes."""

	recipients: float
	calls: float
	reports: float


@dataclass(frozen=True)
class Load:
	"""The load of the whole state while a scenario runs."""

	calls_per_second: float
	reports_per_second: float
	calls_at_once: float
	planning_cpu_seconds: float
	one_planner_seconds: float
	worker_cores: float
	web_cores: float
	database_cores: float
	statements_per_second: float
	commits_per_second: float
	log_mb_per_second: float
	redis_commands_per_second: float
	redis_mb_per_second: float
	redis_cores: float
	disk_gb: float


def calls_for_each(answered: float, attempts: int) -> float:
	"""Return the mean number of calls to one recipient who is retried until answered or out of attempts.

	`answered` is the probability that a call is answered.
	"""
	return sum((1 - answered) ** attempt for attempt in range(attempts))


def work(scenario: Scenario, given: Assumptions) -> Work:
	recipients = given.families * given.numbers_per_family
	calls = recipients * scenario.may_be_called * calls_for_each(given.answered, given.max_attempts)
	return Work(recipients, calls, calls * mean(given, given.reports_when_answered, given.reports_otherwise))


def mean(given: Assumptions, answered: float, otherwise: float) -> float:
	return given.answered * answered + (1 - given.answered) * otherwise


def total(costs: Costs, work: Work, name: str) -> float:
	"""Return the total of one kind of cost over all the work."""
	return (
		work.recipients * getattr(costs.recipient, name)
		+ work.calls * getattr(costs.call, name)
		+ work.reports * getattr(costs.report, name)
	)


def load(costs: Costs, scenario: Scenario, given: Assumptions) -> Load:
	"""Return the rates while calls go out.

	Planning comes first and takes `planning_share` of the scenario's time.
	"""
	todo = work(scenario, given)
	dialing = scenario.seconds * (1 - given.planning_share)
	calls, reports = todo.calls / dialing, todo.reports / dialing

	def rate(name: str) -> float:
		return calls * getattr(costs.call, name) + reports * getattr(costs.report, name)

	return Load(
		calls_per_second=calls,
		reports_per_second=reports,
		calls_at_once=calls * mean(given, given.seconds_answered, given.seconds_otherwise),
		planning_cpu_seconds=todo.recipients * costs.recipient.cpu,
		one_planner_seconds=todo.recipients * costs.plan_seconds,
		worker_cores=calls * costs.call.cpu / given.core_use,
		web_cores=reports * costs.report.cpu / given.core_use,
		database_cores=rate("database_cpu") / given.database_core_use,
		statements_per_second=rate("statements"),
		commits_per_second=rate("commits"),
		log_mb_per_second=rate("log_bytes") / 1e6,
		redis_commands_per_second=rate("redis_commands"),
		redis_mb_per_second=rate("redis_bytes") / 1e6,
		redis_cores=rate("redis_cpu") / given.core_use,
		disk_gb=total(costs, todo, "disk_bytes") / 1e9,
	)


def needed(found: Load, scenario: Scenario, given: Assumptions) -> dict[str, float]:
	"""Return how many units of each resource the load needs.

	One unit is the most that a single site, or a single carrier account, can have.
	"""
	return {
		"carrier accounts": found.calls_per_second / given.account_calls_per_second,
		"planners (one for a campaign of a site)": found.one_planner_seconds
		/ (scenario.seconds * given.planning_share),
		"MariaDB: cores": found.database_cores / given.database_cores,
		"MariaDB: commits": found.commits_per_second / given.database_commits,
		"MariaDB: bytes of the redo log": found.log_mb_per_second / given.database_log_mb,
		"Redis: its one core": found.redis_cores,
		"Redis: bytes": found.redis_mb_per_second / given.redis_mb,
	}


def bottleneck(units: dict[str, float]) -> str:
	return max(units, key=units.__getitem__)


def sites(units: dict[str, float]) -> int:
	"""Return how many district sites carry the load.

	Each has its own database, Redis and planner. Carrier accounts are counted separately.
	"""
	return max(1, ceil(max(units[name] for name in units if name != "carrier accounts")))


def machines(found: Load, given: Assumptions) -> int:
	return ceil((found.worker_cores + found.web_cores) / given.cores_of_a_machine)


def kept_gb(costs: Costs, given: Assumptions) -> float:
	"""Return the GB that a year of ordinary campaigns adds to the tables."""
	return given.campaigns_a_year * total(costs, work(CAMPAIGN, given), "disk_bytes") / 1e9


def error(predicted: float, measured: float) -> float:
	"""Return the error as a part of what was measured: infinite if that is too little to be seen."""
	return abs(predicted - measured) / measured if measured else inf


def measure(rounds: int = 5) -> dict[str, Any]:
	"""Measure the costs at the smaller sizes and check the model at the largest.

	The largest size is not used for the costs.
	"""
	from benchmarks import costs as bill
	from benchmarks import place

	with place.connected(PLANS[-1]):
		bill.planned(PLANS[0])
		plans = [[bill.planned(people) for people in PLANS] for _ in range(rounds)]
		with bill.on_stage() as stage:
			bill.dialed(CALLS[0], stage)
			dialed = [[bill.dialed(calls, stage) for calls in CALLS] for _ in range(rounds)]
	plan = [middle(turn[size] for turn in plans) for size in range(len(PLANS))]
	small, large = (
		{kind: middle(turn[size][kind] for turn in dialed) for kind in ("call", "report")}
		for size in range(len(CALLS))
	)
	costs = {"recipient": each(plan[0]), "call": each(small["call"]), "report": each(small["report"])}
	elsewhere = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
	return {
		"rounds": rounds,
		"costs": {**with_cpu(costs, elsewhere), "plan_seconds": plan[0]["seconds"] / plan[0]["count"]},
		"checks": [*checks_of_planning(*plan), *checks_of_dialing(small, large)],
	}


def with_cpu(costs: dict[str, dict], results: dict) -> dict[str, dict]:
	"""Return the costs with the CPU of a call and of a callback as `dispatch` and `callbacks` measured it.

	Those measures put no other load on the machine. Costs without such a result stay as they are.
	"""
	replaced = dict(costs)
	for kind, path in CPU_ELSEWHERE.items():
		milliseconds: Any = results
		for key in path:
			milliseconds = (milliseconds or {}).get(key)
		if milliseconds:
			replaced[kind] = costs[kind] | {"cpu": milliseconds / 1000}
	return replaced


def middle(costs: Iterable[dict[str, float]]) -> dict[str, float]:
	costs = list(costs)
	return {name: median(cost[name] for cost in costs) for name in costs[0]}


def each(cost: dict[str, float]) -> dict[str, float]:
	return {field.name: round(cost[field.name] / cost["count"], 9) for field in fields(Cost)}


def checks_of_planning(small: dict[str, float], large: dict[str, float]) -> list[dict[str, Any]]:
	"""Check a larger plan against the prediction from the cost per recipient in a smaller one."""
	words = {
		"seconds": "seconds by the clock",
		"cpu": "CPU seconds of the planner",
		"database_cpu": "CPU seconds of MariaDB",
		"statements": "statements",
		"log_bytes": "bytes of MariaDB's redo log",
		"disk_bytes": "bytes of the table and its indexes",
	}
	return [
		checked(f"{PLANS[1]:,} people planned: {text}", scaled(small, large["count"], name), large[name])
		for name, text in words.items()
	]


def checks_of_dialing(small: dict[str, dict], large: dict[str, dict]) -> list[dict[str, Any]]:
	"""Check a campaign of more calls, with all its callbacks, against the prediction from a smaller one."""
	words = {
		("call",): {"cpu": "CPU seconds of the dispatcher"},
		("report",): {"cpu": "CPU seconds of the web server"},
		("call", "report"): {
			"database_cpu": "CPU seconds of MariaDB",
			"statements": "statements",
			"log_bytes": "bytes of MariaDB's redo log",
			"disk_bytes": "bytes of the call log's table",
			"redis_commands": "Redis commands",
		},
	}
	return [
		checked(
			f"{CALLS[1]:,} calls and their reports: {text}",
			sum(scaled(small[kind], large[kind]["count"], name) for kind in kinds),
			sum(large[kind][name] for kind in kinds),
		)
		for kinds, texts in words.items()
		for name, text in texts.items()
	]


def scaled(cost: dict[str, float], count: float, name: str) -> float:
	return cost[name] / cost["count"] * count


def checked(what: str, predicted: float, measured: float) -> dict[str, Any]:
	return {
		"what": what,
		"predicted": round(predicted, 3),
		"measured": round(measured, 3),
		"error": round(error(predicted, measured), 3),
	}


def costs_of(found: dict[str, Any]) -> Costs:
	given = found["costs"]
	kinds = {kind: Cost(**given[kind]) for kind in ("recipient", "call", "report")}
	return Costs(**kinds, plan_seconds=given["plan_seconds"])


def parts(found: dict[str, Any]) -> list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
	"""Return the tables of docs/capacity.md as tuples of title, heads and rows."""
	costs, given = costs_of(found), Assumptions()
	return [
		("What one costs", ("", "Recipient planned", "Call placed", "Report answered"), rows_of_costs(costs)),
		("The state", ("", *(scenario.name for scenario in SCENARIOS)), rows_of_loads(costs, given)),
		(
			"How many of each it takes",
			("One is the most for one site or account", *(scenario.name for scenario in SCENARIOS)),
			rows_of_units(costs, given),
		),
		("What is written and kept", ("", "GB"), rows_of_storage(costs, given)),
		(
			"The model's error",
			("Not used for the costs", "Predicted", "Measured", "Error"),
			rows_of_checks(found),
		),
	]


def rows_of_costs(costs: Costs) -> list[tuple[str, ...]]:
	kinds = (costs.recipient, costs.call, costs.report)
	figures = (
		("CPU of planner, dispatcher, web server, µs", lambda one: f"{one.cpu * 1e6:,.0f}"),
		("CPU of MariaDB, µs", lambda one: f"{one.database_cpu * 1e6:,.0f}"),
		("Statements", lambda one: f"{one.statements:,.2f}"),
		("Commits", lambda one: f"{one.commits:,.3f}"),
		("Bytes in MariaDB's redo log", lambda one: f"{one.log_bytes:,.0f}"),
		("Bytes kept in tables and indexes", lambda one: f"{one.disk_bytes:,.0f}"),
		("Redis commands", lambda one: f"{one.redis_commands:,.2f}"),
		("Redis bytes, in and out", lambda one: f"{one.redis_bytes:,.0f}"),
	)
	return [(what, *map(text, kinds)) for what, text in figures]


def rows_of_loads(costs: Costs, given: Assumptions) -> list[tuple[str, ...]]:
	todo = [work(scenario, given) for scenario in SCENARIOS]
	loads = [load(costs, scenario, given) for scenario in SCENARIOS]
	figures = (
		("Calls a second the carriers must take", lambda one: f"{one.calls_per_second:,.0f}"),
		("Calls at once", lambda one: f"{one.calls_at_once:,.0f}"),
		("Reports a second", lambda one: f"{one.reports_per_second:,.0f}"),
		("Planning, CPU seconds in all", lambda one: f"{one.planning_cpu_seconds:,.0f}"),
		("Planning by one planner, minutes", lambda one: f"{one.one_planner_seconds / 60:,.1f}"),
		("Cores for dispatchers", lambda one: f"{one.worker_cores:,.1f}"),
		("Cores for the web", lambda one: f"{one.web_cores:,.1f}"),
		(f"Machines of {given.cores_of_a_machine} cores for both", lambda one: f"{machines(one, given):,}"),
		("Cores for MariaDB", lambda one: f"{one.database_cores:,.1f}"),
		("MariaDB, statements a second", lambda one: f"{one.statements_per_second:,.0f}"),
		("MariaDB, commits a second", lambda one: f"{one.commits_per_second:,.0f}"),
		("MariaDB, MB a second in the redo log", lambda one: f"{one.log_mb_per_second:,.1f}"),
		("Redis, commands a second", lambda one: f"{one.redis_commands_per_second:,.0f}"),
		("Redis, MB a second", lambda one: f"{one.redis_mb_per_second:,.1f}"),
		("GB added to the tables", lambda one: f"{one.disk_gb:,.1f}"),
	)
	return [
		("Recipients", *(f"{one.recipients:,.0f}" for one in todo)),
		("Calls", *(f"{one.calls:,.0f}" for one in todo)),
		*((what, *map(text, loads)) for what, text in figures),
	]


def rows_of_units(costs: Costs, given: Assumptions) -> list[tuple[str, ...]]:
	units = [needed(load(costs, scenario, given), scenario, given) for scenario in SCENARIOS]
	return [
		*((name, *(f"{one[name]:,.2f}" for one in units)) for name in units[0]),
		("**Bottleneck**", *(bottleneck(one) for one in units)),
		("**District sites that carry it**", *(f"{sites(one):,}" for one in units)),
	]


def rows_of_storage(costs: Costs, given: Assumptions) -> list[tuple[str, ...]]:
	day, year = work(CAMPAIGN, given), kept_gb(costs, given)
	figures = (
		("MariaDB's redo log on the day of a campaign", total(costs, day, "log_bytes") / 1e9),
		("Through Redis on such a day", total(costs, day, "redis_bytes") / 1e9),
		("Added to the tables on such a day", total(costs, day, "disk_bytes") / 1e9),
		(f"Added in a year of {given.campaigns_a_year} such days", year),
		(f"Held, with {given.years_kept} years kept", year * given.years_kept),
		(f"… in {given.copies:g} copies", year * given.years_kept * given.copies),
	)
	return [(what, f"{gb:,.0f}") for what, gb in figures]


def rows_of_checks(found: dict[str, Any]) -> list[tuple[str, ...]]:
	worst = max(check["error"] for check in found["checks"])
	return [
		*(
			(
				check["what"],
				f"{check['predicted']:,.4g}" if check["predicted"] < 1000 else f"{check['predicted']:,.0f}",
				f"{check['measured']:,.4g}" if check["measured"] < 1000 else f"{check['measured']:,.0f}",
				f"{check['error']:.1%}",
			)
			for check in found["checks"]
		),
		(f"**The largest, which should be at most {GOOD_ERROR:.0%}**", "", "", f"**{worst:.1%}**"),
	]


def bars(found: dict[str, Any]) -> list[tuple[str, float, float, str]]:
	worst = max(check["error"] for check in found["checks"])
	return [("Largest error of the capacity model, %", round(worst * 100, 1), GOOD_ERROR * 100, "most")]
