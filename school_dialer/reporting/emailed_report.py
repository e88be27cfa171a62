"""Auto Email Report for reports on our records: built with its user's permissions, and without formulas.

Installed by the hook `override_doctype_class`. Frappe builds such a report in a job as Administrator, and
checks the user's permissions only if the report is a plain list. Our own reports depend on who reads them, so
here it is the user named in the record ("Based on Permissions For User"). Only a System Manager may name a
user other than themselves, or open or send such a report. Reports from other apps are unchanged.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import frappe
from frappe import _
from frappe.email.doctype.auto_email_report.auto_email_report import AutoEmailReport

from school_dialer.base.bounds import spreadsheet
from school_dialer.base.refusal import throw
from school_dialer.privacy.ours import of_ours
from school_dialer.reporting import table


class EmailedReport(AutoEmailReport):
	def validate(self) -> None:
		super().validate()
		if of_ours("Report", self.report):
			self.check_user()

	def check_user(self) -> None:
		"""Raise PermissionError if the report is another user's, unless for a System Manager.

		Frappe lets everyone with the role Report Manager read each of these records.
		"""
		if self.user != frappe.session.user and "System Manager" not in frappe.get_roles():
			throw(
				_("Choose yourself under Based on Permissions For User, or ask a System Manager."),
				frappe.PermissionError,
			)

	def get_report_content(self) -> Any:
		"""Return the report as HTML, CSV or a workbook's bytes, or None if it is empty and not wanted.

		Raises PermissionError if its user may not read the report, or if it is another user's.
		"""
		if not of_ours("Report", self.report):
			return super().get_report_content()
		self.check_user()
		with seen_by(self.user):
			if not table.may_open(self.report):
				throw(
					_("{0} may not read the report {1}.").format(frappe.session.user, self.report),
					frappe.PermissionError,
				)
			content = super().get_report_content()
		return without_formulas(content, self.format)


@contextmanager
def seen_by(user: str) -> Iterator[None]:
	"""Read with this user's permissions. `frappe.set_user` would also end the request's session."""
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
