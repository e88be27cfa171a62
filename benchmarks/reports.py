"""The workspace and the reports on a full site: each statement's time and the index that MariaDB uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from importlib import import_module
from typing import Any

import frappe

from benchmarks import place, queries
from school_dialer.base import clock
from school_dialer.reporting import coverage, figures

PAGE = "school/reports.md"
TITLE = "On a full site"
HEADS = ("What", "Statements", "Slowest, ms", "All, ms", "It reads", "Index")
PEOPLE = 100_000
CAMPAIGNS, EACH = 6, 50_000
"""300,000 recipients and as many calls, half of them today."""
OURS = "BENCH-REPORT"
CARDS = {
	"Card: reached today; chart: calls by hour": lambda: figures.calls_by_hour(clock.db_now().date()),
	"Card: opt-outs in force within a day": figures.opt_out_sla,
	"Card: consent coverage": figures.consent_coverage,
	"Chart: outcome by campaign": figures.outcome_by_campaign,
	"Chart: consent over time": figures.consent_over_time,
	"Card: opt-outs this week": lambda: frappe.db.count(
		"Consent Event", {"kind": "Opt Out", "effective_at": (">=", clock.db_now() - timedelta(days=7))}
	),
}
REPORTS = (
	"Blocked Calls by Reason",
	"Campaign Results",
	"Bad Numbers",
	"Call Costs",
	"Agent Activity",
	"Opt-out Log and Latency",
	"Consent Coverage",
)


def measure(rounds: int = 1) -> dict[str, Any]:
	"""Measure the second time each is requested. `rounds` makes no difference."""
	with place.connected(PEOPLE), filled():
		coverage.keep_count(coverage.count("All guardians", None, "Voice", (coverage.USUAL,)).total)
		works = CARDS | {f"Report: {name}": report(name) for name in REPORTS}
		return {label: asked(work) for label, work in works.items()}


def report(name: str) -> Callable[[], Any]:
	scrubbed = frappe.scrub(name)
	module = import_module(f"school_dialer.school_dialer.report.{scrubbed}.{scrubbed}")
	return lambda: module.execute({})


def asked(work: Callable[[], Any]) -> dict[str, Any]:
	work()
	seen = [one for one in queries.statements_of(work) if "select" in str(one[0])[:8].lower()]
	slowest = max(seen, key=lambda one: one[2])
	return {
		"statements": len(seen),
		"slowest": round(slowest[2], 1),
		"all": round(sum(ms for _query, _values, ms in seen)),
		"steps": queries.explained(*slowest)["steps"],
	}


def table(found: dict[str, Any]) -> list[tuple[str, ...]]:
	return [
		(
			label,
			str(one["statements"]),
			f"{one['slowest']:.1f}",
			f"{one['all']:,}",
			", ".join(f"`{step['table']}`" for step in one["steps"]),
			", ".join(f"`{step['key']}`" for step in one["steps"]),
		)
		for label, one in found.items()
		if label != "run"
	]


@contextmanager
def filled() -> Iterator[None]:
	empty()
	now = clock.db_now()
	names = [f"{OURS}-{number}" for number in range(CAMPAIGNS)]
	for number, name in enumerate(names):
		started = now - timedelta(days=number * 4) if number > 2 else datetime.combine(now.date(), time(8))
		campaign(name, started)
		recipients(name, EACH)
		logs(name, started, EACH)
		frappe.db.commit()
	analyze("Dialer Recipient", "Dialer Call Log", "Consent Event")
	try:
		yield
	finally:
		empty()


def analyze(*doctypes: str) -> None:
	for doctype in doctypes:
		frappe.db.sql_ddl("analyze table `tab" + doctype + "`")


def empty() -> None:
	for number in range(CAMPAIGNS):
		for doctype in ("Dialer Recipient", "Dialer Call Log"):
			place.empty(f"{OURS}-{number}", doctype)
	frappe.db.delete("Dialer Campaign", {"name": ("like", f"{OURS}%")})
	frappe.db.commit()


def campaign(name: str, started: datetime) -> None:
	frappe.db.sql(
		"""insert into `tabDialer Campaign` (name, title, purpose, channel, status, template, started_at,
			ended_at,
			requested_by, owner, modified_by, creation, modified)
		values (%(name)s, %(name)s, 'Event', 'Voice', 'Completed', %(template)s, %(started)s, %(ended)s,
			'Administrator', 'Administrator', 'Administrator', %(started)s, %(started)s)""",
		{
			"name": name,
			"started": started,
			"ended": started + timedelta(hours=6),
			"template": place.template(),
		},
	)


def recipients(name: str, count: int) -> None:
	"""Insert a campaign's recipients; every fifth one is blocked, most for lack of consent."""
	frappe.db.sql(
		"""insert into `tabDialer Recipient` (name, campaign, household_key, phone, channel, status,
			reasons, decided_at,
			not_before, owner, modified_by, creation, modified)
		select concat(%(name)s, '-', seq), %(name)s, concat('+1', 2125550000 + seq), concat('+1',
			2125550000 + seq), 'Voice',
			elt(1 + seq %% 5, 'Blocked', 'Reached', 'Reached', 'Reached', 'Not Reached'),
			if(seq %% 5 = 0, elt(1 + seq %% 3, 'NO_CONSENT', 'OPTED_OUT', 'INVALID_NUMBER, NO_CONSENT'), ''),
			now(), now(), 'Administrator', 'Administrator', now(), now()
		from seq_1_to_"""
		+ str(count),
		{"name": name},
	)


def logs(name: str, started: datetime, count: int) -> None:
	"""Insert a campaign's call logs over six hours.

	Every fifth one is a voicemail, every tenth one did not get through.
	"""
	frappe.db.sql(
		"""insert into `tabDialer Call Log` (name, campaign, recipient, phone, channel, purpose, direction,
			verdict, status,
			status_rank, placed_at, answered_by, duration, error_code, owner, modified_by, creation, modified)
		select md5(concat(%(name)s, seq)), %(name)s, concat(%(name)s, '-', seq), concat('+1',
			2125550000 + seq), 'Voice', 'Event',
			'Outbound', 'ALLOW', elt(1 + seq %% 10, 'failed', 'completed', 'completed', 'completed',
			'completed', 'completed',
				'completed', 'no-answer', 'busy', 'completed'), 90,
			date_add(%(started)s, interval seq * 21600 div %(count)s second),
			if(seq %% 5 = 0, 'machine_end_beep', 'human'), 20 + seq %% 90, if(seq %% 500 = 0, '21211', null),
			'Administrator', 'Administrator', now(), now()
		from seq_1_to_"""
		+ str(count),
		{"name": name, "started": started, "count": count},
	)
