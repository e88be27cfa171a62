"""Figures for the workspace's cards and charts, and for the page Week at a Glance.

Each method checks that the user may read what is counted.
A school's user gets the figures of their schools. The arguments that Frappe's dashboard passes to every card
and chart are ignored.
"""

from typing import Any

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.roles import LEADERS
from school_dialer.desk.support import access
from school_dialer.reporting import coverage, figures, table
from school_dialer.reporting.reach import counting
from school_dialer.reporting.reach import week as weeks

BEHIND = ("Student Reach", "Reach by Group", "Opt-out Log and Latency", "Call Costs", "Campaign Results")
"""The reports behind the figures of a week."""
WEEKS_A_MINUTE = 30


@frappe.whitelist()
def consent_coverage(filters: Any = None) -> str:
	"""Return a percentage such as "87.5 %"."""
	access.may("read", coverage.DOCTYPE)
	return figures.consent_coverage()


@frappe.whitelist()
def reached_today(filters: Any = None) -> str:
	"""Return the share of the people tried today and their number, such as "61 % of 620"."""
	access.may("read", "Dialer Call Log")
	reached, tried = figures.reached_today()
	return (
		_("{0} of {1}").format(figures.percentage(reached, tried), f"{tried:,}") if tried else figures.NOTHING
	)


@frappe.whitelist()
def students_not_reached(filters: Any = None) -> str:
	"""Return how many students no message reached this term, of how many, such as "412 of 1,240"."""
	access.may("read", counting.DOCTYPE)
	counts = figures.students_not_reached()
	return _("{0} of {1}").format(f"{counts[0]:,}", f"{counts[1]:,}") if counts else figures.NOTHING


@frappe.whitelist()
def opt_out_sla(filters: Any = None) -> str:
	"""Return a percentage such as "100 %"."""
	access.may("read", "Consent Event")
	return figures.opt_out_sla()


@frappe.whitelist()
def calls_by_hour(**_arguments: Any) -> dict:
	access.may("read", "Dialer Call Log")
	return figures.calls_by_hour(clock.db_now().date())


@frappe.whitelist()
def outcome_by_campaign(**_arguments: Any) -> dict:
	access.may("read", "Dialer Campaign")
	return figures.outcome_by_campaign()


@frappe.whitelist()
def consent_over_time(**_arguments: Any) -> dict:
	access.may("read", coverage.DOCTYPE)
	return figures.consent_over_time()


@frappe.whitelist(methods=["GET"])
def week(school: str = "") -> dict:
	"""Return the past seven days in families, as `reporting.reach.week.figures_of` does.

	`reports`: which of the reports behind the figures the user may open.
	"""
	access.only_for(LEADERS)
	access.not_too_often("week", WEEKS_A_MINUTE)
	return {**weeks.figures_of(school), "reports": [report for report in BEHIND if table.may_open(report)]}
