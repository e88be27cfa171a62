"""Frappe's own exports, without formulas if they contain this app's records.

Frappe's method runs unchanged, and its output is cleaned. Named in the hook `override_whitelisted_methods`. A
cell that came from a parent, a CSV file or a ticket must not run in the spreadsheet of the person who opens
the file. Reports sent by e-mail are made in `reporting/emailed_report.py`.
"""

from collections.abc import Callable
from typing import Any

import frappe
from frappe import _
from frappe.core.doctype.data_export import exporter
from frappe.core.doctype.data_import import data_import
from frappe.desk import query_report, reportview

from school_dialer.base.bounds import spreadsheet
from school_dialer.base.refusal import throw
from school_dialer.desk.support import arguments
from school_dialer.privacy.ours import of_ours

LONGEST_NAME = 140
IN_BACKGROUND = "export_in_background"
"""Later releases of Frappe build a large file in a background job, which this app would not see."""


@frappe.whitelist()
def export_report_view() -> None:
	"""Run `frappe.desk.reportview.export_query`."""
	harmless(of_ours("DocType", asked(frappe.form_dict.get("doctype"))), reportview.export_query)


@frappe.whitelist()
def export_query_report() -> None:
	"""Run `frappe.desk.query_report.export_query`."""
	harmless(of_ours("Report", asked(frappe.form_dict.get("report_name"))), query_report.export_query)


@frappe.whitelist()
def export_data(doctype: Any = None, **more: Any) -> None:
	"""Run `frappe.core.doctype.data_export.exporter.export_data`."""
	names = doctypes(asked(doctype))
	ours = any(of_ours("DocType", name) for name in names)
	harmless(ours, frappe.call, exporter.export_data, doctype=doctype, **more)


@frappe.whitelist()
def download_template(doctype: str | None = None, **more: Any) -> None:
	"""Run `frappe.core.doctype.data_import.data_import.download_template`."""
	harmless(
		of_ours("DocType", asked(doctype)),
		frappe.call,
		data_import.download_template,
		doctype=doctype,
		**more,
	)


@frappe.whitelist()
def download_errored_template(data_import_name: str | None = None) -> None:
	"""Run `frappe.core.doctype.data_import.data_import.download_errored_template`."""
	doctype = frappe.db.get_value("Data Import", asked(data_import_name), "reference_doctype")
	harmless(of_ours("DocType", doctype), data_import.download_errored_template, data_import_name)


def asked(name: Any) -> Any:
	"""Return the requested name.

	Raises ValidationError if it is empty, which Frappe's methods do not expect.
	"""
	if not name:
		throw(_("Say what to export."))
	return name


def doctypes(given: Any) -> list[str]:
	"""Return one DocType's name, or those in a JSON list, as a list.

	Raises ValidationError for anything else.
	"""
	is_list = isinstance(given, list) or (isinstance(given, str) and given.startswith("["))
	names = arguments.read_argument(given, list) if is_list else [given]
	if not all(isinstance(name, str) and len(name) <= LONGEST_NAME for name in names):
		throw(_("Say what to export."))
	return names


def harmless(ours: bool, make: Callable, /, *arguments: Any, **named: Any) -> None:
	"""Let Frappe build the file, and clean it if it contains this app's records."""
	delimiter = str(frappe.form_dict.get("csv_delimiter") or ",")
	if ours:
		frappe.form_dict.pop(IN_BACKGROUND, None)
	make(*arguments, **named)
	if ours:
		clean_response(delimiter)


def clean_response(delimiter: str) -> None:
	response = frappe.response
	if response.get("type") == "csv":
		response["result"] = spreadsheet.csv_file(str(response.get("result") or ""), delimiter)
		return
	content, name = response.get("filecontent"), str(response.get("filename") or "").lower()
	if not content:
		return
	if name.endswith(".xlsx"):
		response["filecontent"] = spreadsheet.workbook(content)
	elif name.endswith(".csv"):
		text = content if isinstance(content, str) else content.decode()
		response["filecontent"] = spreadsheet.csv_file(text, delimiter).encode()
