"""Days without school, as the Education app reads them: from the Holiday List of one company."""

from datetime import date

import frappe
from frappe import _
from frappe.utils import getdate


def holiday_list() -> str:
	"""Of the default company, else of the only one. Without a list Education takes no attendance."""
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
