"""Frappe's own exports of our records contain no formula, whichever of its methods makes the file.

Exports of other apps stay as they are.
"""

import csv
import inspect
import io
import json

import frappe
import pytest
from frappe.handler import execute_cmd
from frappe.utils import set_request
from openpyxl import load_workbook

from school_dialer.desk import exports

FORMULA = '=HYPERLINK("https://evil.example","x")'
MAKES_A_FILE = (
	"provide_binary_file",
	"build_response",
	"export_errored_rows",
	"download_import_log",
)
LEFT = {"frappe.core.doctype.data_import.data_import.download_import_log"}
"""The importer's own messages about each row of a file that the same user has just uploaded."""


@pytest.fixture
def recipient():
	name = frappe.generate_hash(length=10)
	now = frappe.utils.now()
	frappe.db.sql(
		"insert into `tabDialer Recipient` (name, creation, modified, owner, modified_by, person_name, "
		"""phone_masked, status)
		values (%s, %s, %s, 'Administrator', 'Administrator', %s, '+1 ••• ••• ••42', 'Blocked')""",
		(name, now, now, FORMULA),
	)
	return name


def asked(method: str, **values) -> frappe._dict:
	"""Return the response to a request for this method."""
	frappe.local.response = frappe._dict(docs=[])
	frappe.local.form_dict = frappe._dict(values)
	set_request(method="POST", path=f"/api/method/{method}")
	try:
		execute_cmd(method)
	finally:
		del frappe.local.request
	return frappe.local.response


def cells_of(response: frappe._dict) -> list[str]:
	if response.type == "csv":
		return [cell for row in csv.reader(io.StringIO(response.result)) for cell in row]
	content, name = response.filecontent, response.filename
	if name.endswith(".xlsx"):
		sheet = load_workbook(io.BytesIO(content)).active
		assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
		return [str(cell.value) for row in sheet.iter_rows() for cell in row]
	text = content if isinstance(content, str) else content.decode()
	return [cell for row in csv.reader(io.StringIO(text)) for cell in row]


def report_view(kind: str, name: str) -> dict:
	return {
		"doctype": "Dialer Recipient",
		"file_format_type": kind,
		"fields": json.dumps(
			[
				"`tabDialer Recipient`.`name`",
				"`tabDialer Recipient`.`person_name`",
				"`tabDialer Recipient`.`phone_masked`",
			]
		),
		"filters": json.dumps([["Dialer Recipient", "name", "=", name]]),
		"view": "Report",
	}


@pytest.mark.parametrize("kind", ["CSV", "Excel"])
def test_the_report_view(recipient, kind):
	cells = cells_of(asked("frappe.desk.reportview.export_query", **report_view(kind, recipient)))
	assert "'" + FORMULA in cells and FORMULA not in cells
	assert "+1 ••• ••• ••42" in cells


@pytest.mark.parametrize("kind", ["CSV", "Excel"])
def test_a_query_report(recipient, kind, monkeypatch):
	from school_dialer.school_dialer.report.bad_numbers import bad_numbers

	monkeypatch.setattr(
		bad_numbers,
		"execute",
		lambda _filters=None: (bad_numbers.columns(), [{"person_name": FORMULA, "number": "+13125550142"}]),
	)
	cells = cells_of(
		asked(
			"frappe.desk.query_report.export_query",
			report_name="Bad Numbers",
			file_format_type=kind,
			filters="{}",
			visible_idx="[0]",
		)
	)
	assert "'" + FORMULA in cells and FORMULA not in cells
	assert "+13125550142" in cells


def test_the_data_export(recipient):
	response = asked(
		"frappe.core.doctype.data_export.exporter.export_data",
		doctype="Dialer Recipient",
		select_columns=json.dumps({"Dialer Recipient": ["name", "person_name"]}),
		filters=json.dumps({"name": recipient}),
		with_data="1",
		file_type="CSV",
		template="false",
		export_without_column_meta="true",
	)
	cells = cells_of(response)
	assert any(cell.endswith(FORMULA) and cell.startswith("'") for cell in cells)
	assert FORMULA not in cells


@pytest.mark.parametrize("kind", ["CSV", "Excel"])
def test_the_template_of_an_import(recipient, kind):
	response = asked(
		"frappe.core.doctype.data_import.data_import.download_template",
		doctype="Dialer Recipient",
		export_fields=json.dumps({"Dialer Recipient": ["name", "person_name"]}),
		export_records="by_filter",
		export_filters=json.dumps({"name": recipient}),
		file_type=kind,
	)
	cells = cells_of(response)
	assert "'" + FORMULA in cells and FORMULA not in cells


def test_an_export_of_another_app_is_frappes_own(recipient):
	note = frappe.get_doc({"doctype": "Note", "title": FORMULA}).insert()
	values = report_view("CSV", note.name) | {
		"doctype": "Note",
		"fields": json.dumps(["`tabNote`.`name`", "`tabNote`.`title`"]),
		"filters": json.dumps([["Note", "name", "=", note.name]]),
	}
	assert FORMULA in cells_of(asked("frappe.desk.reportview.export_query", **values))


def test_who_may_not_export_still_may_not(recipient, as_role):
	as_role("Dialer Agent")
	with pytest.raises(frappe.PermissionError):
		asked("frappe.desk.reportview.export_query", **report_view("CSV", recipient))


def test_a_large_file_is_not_made_where_nothing_cleans_it(recipient):
	values = report_view("CSV", recipient) | {exports.IN_BACKGROUND: "1"}
	assert "'" + FORMULA in cells_of(asked("frappe.desk.reportview.export_query", **values))


def test_each_method_of_frappe_that_makes_such_a_file_is_known():
	"""Find the methods in Frappe's code, so that a release with another one is noticed."""
	import frappe.core.doctype.data_export.exporter
	import frappe.core.doctype.data_import.data_import
	import frappe.desk.query_report
	import frappe.desk.reportview

	modules = (
		frappe.core.doctype.data_export.exporter,
		frappe.core.doctype.data_import.data_import,
		frappe.desk.query_report,
		frappe.desk.reportview,
	)
	making = {
		f"{module.__name__}.{name}"
		for module in modules
		for name, function in inspect.getmembers(module, inspect.isfunction)
		if function in frappe.whitelisted
		and function.__module__ == module.__name__
		and any(f"{word}(" in inspect.getsource(function) for word in MAKES_A_FILE)
	}
	assert len(making) >= 4
	assert making - LEFT <= set(frappe.get_hooks("override_whitelisted_methods"))
