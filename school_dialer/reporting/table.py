"""What script reports have in common: columns, the span of days, and whether the viewer sees numbers."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.utils import add_days, get_datetime, getdate

from school_dialer import clock
from school_dialer.bounds import plain_text


def column(fieldname: str, label: str, fieldtype: str, width: int, **more: str | int) -> dict:
	"""A link to what this user may not read is plain text: Frappe would refuse the whole report for it."""
	if fieldtype == "Link" and not frappe.has_permission(more["options"], "read"):
		return {"fieldname": fieldname, "label": label, "fieldtype": "Data", "width": width}
	return {"fieldname": fieldname, "label": label, "fieldtype": fieldtype, "width": width, **more}


def period(filters: dict, days: int) -> tuple[datetime, datetime]:
	"""From the first moment of ``from_date`` to before the day after ``to_date``, in the site's time. By default the last days up to
	today. Raises ValidationError when the days are the wrong way round."""
	to_date = getdate(filters.get("to_date") or clock.db_now())
	from_date = getdate(filters.get("from_date") or add_days(to_date, -days))
	if from_date > to_date:
		frappe.throw(_("The first day lies after the last."))
	return get_datetime(from_date), get_datetime(to_date) + timedelta(days=1)


def sees_numbers(doctype: str) -> bool:
	"""Whether this user may read what stands at permission level 1: full telephone numbers."""
	return frappe.session.user == "Administrator" or 1 in frappe.get_meta(doctype).get_permlevel_access()


def labels(values: Iterable[str]) -> list[str]:
	"""Labels of a chart. Frappe's charts take them for HTML, in the axis and in what the pointer shows."""
	return [plain_text.line(value) for value in values]


def percent(part: float, whole: float) -> float | None:
	"""None of nothing."""
	return round(100 * part / whole, 1) if whole else None


def figure(label: str, value: float | str, indicator: str = "Blue", datatype: str = "Int") -> dict:
	"""One number above a report."""
	return {"label": label, "value": value, "datatype": datatype, "indicator": indicator}
