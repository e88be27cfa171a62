"""Runs once a minute (v15) or every four minutes (v16): each enabled rule checks what is due.

Places no calls.
"""

from collections.abc import Callable
from datetime import datetime

import frappe
from frappe.utils import get_time

from school_dialer.automation import cases, days, run, school_days
from school_dialer.automation.kind import Kind, kind_of
from school_dialer.automation.run import Due
from school_dialer.base import clock
from school_dialer.base.jobs import alone, job, report
from school_dialer.continuity import watch
from school_dialer.schools import school_calendar, zones


@job
def run_rules() -> None:
	"""Run every enabled rule. Scheduler job.

	If two run at once, one exits. In Safe mode no rule runs. A rule that fails is reported, and the others
	continue. First, what still waits of earlier days is settled, of rules that are off as well.

	The name differs from the dialing tick's: Frappe identifies a scheduled job by the last two parts of its
	path.
	"""
	with alone("rules") as mine:
		if not mine or watch.stands_still():
			return
		for name in cases.runs_waiting_before(zones.days_now()[0]):
			attempt(end_day, name)
		for name in frappe.get_all("Dialer Rule", {"enabled": 1}, pluck="name", order_by="name"):
			attempt(serve, name)


def attempt(action: Callable[[str], None], name: str) -> None:
	try:
		action(name)
	except Exception as error:
		report(f"rule {name}", error)


def end_day(name: str) -> None:
	run.end_day(name)
	frappe.db.commit()


def serve(name: str) -> None:
	# Each rule is read in a transaction of its own: a person may have changed it meanwhile.
	frappe.db.commit()
	rule = frappe.get_doc("Dialer Rule", name)
	kind = kind_of(rule)
	for due in due_runs(rule, kind):
		run_name = run.open_run(rule, due)
		run.find_triggers(rule, kind, run_name)
		# What was found stays on record if no call can be started.
		frappe.db.commit()
		run.advance(rule, run_name)
		# The campaigns of this run begin before the rule's next run is looked at.
		frappe.db.commit()


def due_runs(rule, kind: Kind) -> list[Due]:
	"""Return today's runs whose time has come: one for each day that it is for a rule that looks all day."""
	if days.looks_all_day(kind):
		return [Due(day, [day]) for day in days.days_of(rule, kind)]
	due = due_now(rule, kind)
	return [due] if due else []


def due_now(rule, kind: Kind) -> Due | None:
	"""Return today's run of a rule that runs at a time, once that has come.

	The run's name prevents a second run, whatever the clocks do.
	"""
	now = clock.db_now()
	today = now.date()
	covers = school_days.covered(today, school_calendar.of_rule(rule), rule.on_holiday)
	if not covers:
		return None
	if kind.continuous:
		return Due(today, covers)
	at = datetime.combine(today, get_time(rule.run_at))
	begins = rule.switched_on_at
	if now < at or (begins and begins > at):
		return None
	return Due(today, covers, at)
