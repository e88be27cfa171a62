"""The first day of the term that a figure is about. Each term is counted up to today."""

from datetime import date, timedelta

import frappe
from frappe import _
from frappe.utils import getdate

from school_dialer.audience.columns import existing
from school_dialer.base import clock
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw

TERM = "Academic Term"
FIELDS = ("term_start_date", "term_end_date")
DAYS = 90
"""The period of a site without terms."""


def available() -> bool:
	return bool(frappe.db.exists("DocType", TERM, cache=True)) and len(existing(FIELDS, TERM)) == 2


def since(filters: dict) -> date:
	"""Return the first day: `since`, or that of `term`, or of the term that began last; else 90 days ago.

	Raises ValidationError for a term that does not exist, has no first day, or has not begun.
	"""
	today = clock.db_now().date()
	first = None
	if filters.get("since"):
		first = getdate(filters["since"])
	elif filters.get("term"):
		first = available() and frappe.db.get_value(TERM, filters["term"], FIELDS[0])
		if not first:
			throw(_("{0} is not a term with a first day.").format(plain_text.line(filters["term"])))
	if first and first > today:
		throw(_("This has not begun yet."))
	return first or current(today) or today - timedelta(days=DAYS)


def current(today: date) -> date | None:
	"""Return the first day of the term that began last."""
	if not available():
		return None
	rows = frappe.db.sql(
		"select max(term_start_date) from `tabAcademic Term` where term_start_date <= %s", today
	)
	return rows[0][0]
