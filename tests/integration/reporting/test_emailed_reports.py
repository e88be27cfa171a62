"""Reports that Frappe sends by e-mail show only what their user may see, and contain no formula.

It does not matter who made them or what sends them.
"""

import csv
import io
import json

import frappe
import pytest
from frappe.email.doctype.auto_email_report import auto_email_report
from openpyxl import load_workbook

FORMULA = '=HYPERLINK("https://evil.example","x")'
PHONE = "+13125550142"


@pytest.fixture
def recipient() -> str:
	"""Return a blocked recipient about no child, with an invalid number and a formula as the name."""
	name, now = frappe.generate_hash(length=10), frappe.utils.now()
	frappe.db.sql(
		"""insert into `tabDialer Recipient`
		(name, creation, modified, owner, modified_by, person_name, phone, phone_masked, status)
		values (%s, %s, %s, 'Administrator', 'Administrator', %s, %s, '+1 ••• ••• ••42', 'Blocked')""",
		(name, now, now, FORMULA, PHONE),
	)
	return name


@pytest.fixture
def bad_number(monkeypatch) -> None:
	"""Make the report Bad Numbers find one row."""
	from school_dialer.school_dialer.report.bad_numbers import bad_numbers

	one = bad_numbers.Bad(bad_numbers.INVALID, PHONE, "", "", FORMULA, None, "")
	monkeypatch.setattr(bad_numbers, "invalid", lambda _names: [one])


def emailed(report: str, kind: str, user: str, **values) -> frappe._dict:
	doc = {
		"doctype": "Auto Email Report",
		"report": report,
		"report_type": frappe.db.get_value("Report", report, "report_type"),
		"format": kind,
		"user": user,
		"email_to": "office@school.example",
		"frequency": "Daily",
		"filters": "{}",
	}
	return frappe.get_doc(doc | values).insert(ignore_permissions=True)


def list_of_recipients(recipient: str) -> str:
	"""Save a Report Builder list that has the number among its columns."""
	fields = ["name", "person_name", "phone", "phone_masked"]
	report = {
		"doctype": "Report",
		"report_name": frappe.generate_hash(length=10),
		"ref_doctype": "Dialer Recipient",
		"report_type": "Report Builder",
		"is_standard": "No",
		"json": json.dumps(
			{
				"fields": [[field, "Dialer Recipient"] for field in fields],
				"filters": [["Dialer Recipient", "name", "=", recipient]],
			}
		),
	}
	return frappe.get_doc(report).insert().name


def cells(content, kind: str) -> list[str]:
	if kind == "CSV":
		return [cell for row in csv.reader(io.StringIO(content)) for cell in row]
	sheet = load_workbook(io.BytesIO(content)).active
	found = [cell for row in sheet.iter_rows() for cell in row]
	assert not [cell for cell in found if cell.data_type == "f"]
	return [str(cell.value) for cell in found]


@pytest.mark.parametrize("kind", ["CSV", "XLSX"])
def test_no_formula_is_sent(bad_number, kind):
	content = emailed("Bad Numbers", kind, "Administrator").get_report_content()
	found = cells(content, kind)
	assert "'" + FORMULA in found and FORMULA not in found
	assert PHONE in found


def test_what_is_downloaded_is_what_is_sent(bad_number):
	doc = emailed("Bad Numbers", "CSV", "Administrator")
	frappe.local.response = frappe._dict(docs=[])
	auto_email_report.download(doc.name)
	assert FORMULA not in cells(frappe.local.response.filecontent, "CSV")


def test_numbers_are_masked_for_the_user_of_the_report_anyone_who_sends_it(bad_number, as_role):
	agent = as_role("Dialer Agent")
	frappe.set_user("Administrator")
	found = cells(emailed("Bad Numbers", "CSV", agent).get_report_content(), "CSV")
	assert PHONE not in found
	assert frappe.session.user == "Administrator", "only the report was made as the agent"


def test_a_list_with_a_hidden_column_is_masked_as_well(recipient, as_role):
	report = list_of_recipients(recipient)
	agent = as_role("Dialer Agent")
	frappe.set_user("Administrator")
	frappe.local.dialer_hidden = {}
	try:
		content = emailed(report, "CSV", agent, no_of_rows=10).get_report_content()
	except frappe.PermissionError:
		return
	assert PHONE not in content


def test_a_user_who_may_not_read_the_report_gets_none(bad_number, as_role):
	clerk = as_role("Report Manager")
	frappe.set_user("Administrator")
	doc = emailed("Bad Numbers", "HTML", clerk)
	with pytest.raises(frappe.PermissionError, match="may not read the report"):
		doc.get_report_content()


def test_only_a_system_manager_lends_another_users_rights(as_role):
	clerk = as_role("Report Manager", "Dialer Manager")
	with pytest.raises(frappe.PermissionError, match="Choose yourself"):
		emailed("Bad Numbers", "HTML", "Administrator")
	assert emailed("Bad Numbers", "HTML", clerk).user == clerk


def downloaded(name: str) -> list[str]:
	frappe.local.response = frappe._dict(docs=[])
	auto_email_report.download(name)
	return cells(frappe.local.response.filecontent, "CSV")


def test_a_colleague_opens_and_sends_no_report_that_shows_what_another_user_may_see(bad_number, as_role):
	as_role("Dialer Manager", "Report Manager")
	name = emailed("Bad Numbers", "CSV", frappe.session.user).name
	assert PHONE in downloaded(name)
	as_role("Report Manager")
	for way in (downloaded, auto_email_report.send_now):
		with pytest.raises(frappe.PermissionError, match="Choose yourself"):
			way(name)


def test_reports_of_other_apps_stay_as_frappe_has_them(monkeypatch):
	note = frappe.get_doc({"doctype": "Note", "title": FORMULA, "public": 1}).insert()
	report = frappe.get_doc(
		{
			"doctype": "Report",
			"report_name": frappe.generate_hash(length=10),
			"ref_doctype": "Note",
			"report_type": "Report Builder",
			"is_standard": "No",
			"json": json.dumps(
				{"fields": [["title", "Note"]], "filters": [["Note", "name", "=", note.name]]}
			),
		}
	).insert()
	content = emailed(report.name, "CSV", "Administrator").get_report_content()
	assert FORMULA in cells(content, "CSV")
