"""Shared parts of script reports: columns, the period, and whether the viewer sees numbers."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.utils import add_days, get_datetime, getdate

from school_dialer.base import clock
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw

BARS = 5
"""Bars that a chart has in any case."""
LETTERS = 100
"""Letters that fit under the bars of a chart together. Frappe cuts longer names."""

NUMBERS = ("Int", "Float", "Currency", "Percent", "Duration")
"""Types of columns whose values stand at the right."""


def column(fieldname: str, label: str, fieldtype: str, width: int, **more: str | int) -> dict:
	"""Return a report column.

	A link to a DocType this user may not read becomes plain text; Frappe would reject the whole report.
	`as_text` has the browser draw text as text (`public/js/plain_text.js`). The column says so itself, since
	a report may be drawn after its reader has gone to another page. `align` is named, because Frappe sets a
	column whose first cell is empty, or a phone number, at the right.
	"""
	align = "right" if fieldtype in NUMBERS else "left"
	shown = {"fieldname": fieldname, "label": label, "width": width, "as_text": 1, "align": align}
	if fieldtype == "Link" and not frappe.has_permission(more["options"], "read"):
		return {**shown, "fieldtype": "Data"}
	if fieldtype == "Percent":
		more.setdefault("precision", 1)
	return {**shown, "fieldtype": fieldtype, **more}


def period(filters: dict, days: int) -> tuple[datetime, datetime]:
	"""Return the period as (start, end), naive, in the site time zone.

	It runs from the start of `from_date` up to the start of the day after `to_date`. The default is the last
	`days` days up to today. Raises ValidationError if the days are in the wrong order.
	"""
	to_date = getdate(filters.get("to_date") or clock.db_now())
	from_date = getdate(filters.get("from_date") or add_days(to_date, -days))
	if from_date > to_date:
		throw(_("The first day lies after the last."))
	return get_datetime(from_date), get_datetime(to_date) + timedelta(days=1)


def above(rows: list, empty: str, *more: str | bool | None) -> str | None:
	"""Return the sentences above a report: `empty` if it has no rows, which says what to do, and those given.

	Each of `more` is a sentence, or something false where it does not hold.
	"""
	return " ".join(filter(None, ("" if rows else empty, *more))) or None


def may_open(report: str) -> bool:
	doc = frappe.get_cached_doc("Report", report)
	return bool(doc.is_permitted() and frappe.has_permission(doc.ref_doctype, "report"))


def sees_numbers(doctype: str) -> bool:
	"""Return whether this user may read permission level 1: full phone numbers."""
	return frappe.session.user == "Administrator" or 1 in frappe.get_meta(doctype).get_permlevel_access()


def labels(values: Iterable[str]) -> list[str]:
	"""Return labels for a chart. Frappe's charts treat them as HTML, on the axis and in tooltips."""
	return [plain_text.line(value) for value in values]


def charted(rows: list[dict], names: Iterable[str]) -> list[dict]:
	"""Return the first rows, as many as have room for their names under the bars of a chart."""
	longest = max(map(len, names), default=1)
	return rows[: max(BARS, LETTERS // (longest + 1))]


def percent(part: float, whole: float) -> float | None:
	"""Return a percentage with one decimal, or None if `whole` is 0."""
	return round(100 * part / whole, 1) if whole else None


def figure(label: str, value: float | str, indicator: str = "Blue", datatype: str = "Int") -> dict:
	"""Return one number shown above a report.

	A percentage becomes a text, because Frappe would show three decimals.
	"""
	if datatype == "Percent":
		value, datatype = f"{value:g}%", "Data"
	return {"label": label, "value": value, "datatype": datatype, "indicator": indicator}
