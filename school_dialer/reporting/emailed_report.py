"""Frappe's Auto Email Report, for reports on our records: made with the rights of its user, and without formulas.

Hook `override_doctype_class`. Frappe makes such a report in a job of Administrator's, and asks for that user's rights only where the
report is a plain list. Our own reports ask who reads them, so here it is the user whom the record names ("Based on Permissions For
User"). Only a System Manager may name another user than themselves. Reports of other apps stay as Frappe has them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import frappe
from frappe import _
from frappe.email.doctype.auto_email_report.auto_email_report import AutoEmailReport

from school_dialer.bounds import spreadsheet

MODULE = "School Dialer"


class EmailedReport(AutoEmailReport):
	def validate(self) -> None:
		super().validate()
		if of_ours("Report", self.report):
			self.check_user()

	def check_user(self) -> None:
		"""Raise a PermissionError if a user who is no System Manager names another user."""
		if self.user != frappe.session.user and "System Manager" not in frappe.get_roles():
			frappe.throw(
				_("Choose yourself under Based on Permissions For User, or ask a System Manager."),
				frappe.PermissionError,
			)

	def get_report_content(self) -> Any:
		"""The report as HTML, CSV or bytes of a workbook; None for an empty one that is not wanted.

		Raises a PermissionError where its user may not read the report."""
		if not of_ours("Report", self.report):
			return super().get_report_content()
		with seen_by(self.user):
			check_reader(self.report)
			content = super().get_report_content()
		return without_formulas(content, self.format)


def of_ours(doctype: str, name: Any) -> bool:
	"""Whether this DocType or Report shows our records."""
	if not isinstance(name, str) or not name:
		return False
	if doctype == "Report":
		name = frappe.db.get_value("Report", name, "ref_doctype")
	return frappe.db.get_value("DocType", name, "module") == MODULE


def check_reader(report: str) -> None:
	doc = frappe.get_doc("Report", report)
	if not (doc.is_permitted() and frappe.has_permission(doc.ref_doctype, "report")):
		frappe.throw(
			_("{0} may not read the report {1}.").format(frappe.session.user, report), frappe.PermissionError
		)


@contextmanager
def seen_by(user: str) -> Iterator[None]:
	"""Read with this user's rights. `frappe.set_user` would end the session of the request as well."""
	local = frappe.local
	before = local.session.user, local.role_permissions, local.user_perms
	local.session.user, local.role_permissions, local.user_perms = user, {}, None
	try:
		yield
	finally:
		local.session.user, local.role_permissions, local.user_perms = before


def without_formulas(content: Any, kind: str) -> Any:
	if content and kind == "XLSX":
		return spreadsheet.workbook(content)
	if content and kind == "CSV":
		return spreadsheet.csv_file(content)
	return content
