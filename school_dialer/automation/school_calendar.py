"""Holidays, weekends and terms as the site keeps them."""

from datetime import date

import frappe

from school_dialer.automation.school_days import IsOpen


def of_rule(rule) -> IsOpen:
	"""Whether a day is one on which this rule may run: no holiday of Dialer Settings, and no weekend, unless the rule says so."""
	holidays = {row.date for row in frappe.get_cached_doc("Dialer Settings").holidays}
	terms = read_terms() if rule.only_in_term else None

	def is_open(day: date) -> bool:
		if day in holidays or (day.weekday() >= 5 and not rule.weekends):
			return False
		return terms is None or any(first <= day <= last for first, last in terms)

	return is_open


def read_terms() -> list[tuple[date, date]] | None:
	"""None on a site that keeps no academic terms."""
	if not frappe.db.exists("DocType", "Academic Term", cache=True):
		return None
	rows = frappe.get_all(
		"Academic Term",
		filters={"term_start_date": ("is", "set"), "term_end_date": ("is", "set")},
		fields=["term_start_date", "term_end_date"],
		order_by="term_start_date",
	)
	return [(row.term_start_date, row.term_end_date) for row in rows] or None
