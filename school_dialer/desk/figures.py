"""The cards and charts of the workspace. Each method checks that the user may read what is counted; the arguments that Frappe's
dashboard gives every card and chart are not needed."""

from typing import Any

import frappe

from school_dialer import clock
from school_dialer.reporting import coverage, figures


@frappe.whitelist()
def consent_coverage(filters: Any = None) -> str:
	"""Such as "87.5 %"."""
	frappe.has_permission(coverage.DOCTYPE, "read", throw=True)
	return figures.consent_coverage()


@frappe.whitelist()
def reached_today(filters: Any = None) -> str:
	frappe.has_permission("Dialer Call Log", "read", throw=True)
	return f"{figures.reached_today():,}"


@frappe.whitelist()
def opt_out_sla(filters: Any = None) -> str:
	"""Such as "100 %"."""
	frappe.has_permission("Consent Event", "read", throw=True)
	return figures.opt_out_sla()


@frappe.whitelist()
def calls_by_hour(**_arguments: Any) -> dict:
	frappe.has_permission("Dialer Call Log", "read", throw=True)
	return figures.calls_by_hour(clock.db_now().date())


@frappe.whitelist()
def outcome_by_campaign(**_arguments: Any) -> dict:
	frappe.has_permission("Dialer Campaign", "read", throw=True)
	return figures.outcome_by_campaign()


@frappe.whitelist()
def consent_over_time(**_arguments: Any) -> dict:
	frappe.has_permission(coverage.DOCTYPE, "read", throw=True)
	return figures.consent_over_time()
