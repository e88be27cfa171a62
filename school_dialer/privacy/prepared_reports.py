"""Keep a Prepared Report about our records to the user who had it made.

Our reports show what their reader may see, such as the teacher's own students. Frappe builds a Prepared
Report with the rights of its owner, and opens it to everyone who may read the report. So a colleague would
read about children who are not theirs.
"""

from typing import Any

import frappe
from frappe import _
from frappe.core.doctype.prepared_report import prepared_report as core

from school_dialer.base.refusal import throw
from school_dialer.privacy.ours import of_ours

DOCTYPE = "Prepared Report"
OURS = """select report.name from `tabReport` report
	join `tabDocType` shown on shown.name = report.ref_doctype where shown.module = 'School Dialer'"""
"""SQL for the reports about our records."""


class OwnPreparedReport(core.PreparedReport):
	"""Installed by the hook `override_doctype_class`: Frappe reads the rows without a permission check."""

	def get_prepared_data(self, *args: Any, **kwargs: Any) -> Any:
		refuse_others(self, frappe.session.user)
		return super().get_prepared_data(*args, **kwargs)


def is_foreign(doc, user: str) -> bool:
	"""Return whether this is a Prepared Report about our records that another user had made."""
	return user not in (doc.owner, "Administrator") and of_ours("Report", doc.report_name)


def refuse_others(doc, user: str) -> None:
	if is_foreign(doc, user):
		throw(_("This report was prepared for another user. Prepare your own."), frappe.PermissionError)


def refuse_file(file, user: str | None) -> None:
	"""Raise PermissionError if this attachment holds the rows of another user's report.

	No user means our own code.
	"""
	fields = ["owner", "report_name"]
	report = frappe.db.get_value(DOCTYPE, file.attached_to_name, fields, as_dict=True)
	if user and report:
		refuse_others(report, user)


def may_open(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""Decide as Frappe does, except for reports about our records. Hook for has_permission."""
	user = user or frappe.session.user
	return not is_foreign(doc, user) and bool(core.has_permission(doc, user))


def of_prepared_reports(user: str | None = None) -> str:
	"""Return SQL for the Prepared Reports that the user may list besides what Frappe allows."""
	user = user or frappe.session.user
	if user == "Administrator":
		return ""
	made_by = "`tabPrepared Report`.owner = " + frappe.db.escape(user)
	return f"({made_by} or `tabPrepared Report`.report_name not in ({OURS}))"
