"""Days without school, read the way the Education app does: from one company's Holiday List."""

from datetime import date

import frappe
from frappe import _
from frappe.utils import getdate


def holiday_list() -> str:
	"""Return the Holiday List of the default company, or of the first company if there is no default.

	Raises `frappe.ValidationError` if the company has none: without it, Education takes no attendance.
	"""
	company = (
		frappe.db.get_default("company")
		or frappe.get_all("Company", pluck="name", order_by="creation", limit=1)[0]
	)
	listed = frappe.db.get_value("Company", company, "default_holiday_list")
	if not listed:
		frappe.throw(_("Company {0} has no default Holiday List").format(company))
	return listed


def is_holiday(listed: str, day: date) -> bool:
	return bool(frappe.db.exists("Holiday", {"parent": listed, "holiday_date": getdate(day)}))
