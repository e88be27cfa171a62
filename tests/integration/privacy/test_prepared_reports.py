"""A Prepared Report about our records is its owner's alone, by every way that Frappe opens it."""

import gzip
import json

import frappe
import pytest
from frappe.core.doctype.prepared_report import prepared_report
from frappe.desk import query_report

from school_dialer.privacy import hidden_files

ROLES = ("Dialer Manager", "Prepared Report User")
REPORT, ROWS = "Student Reach", [{"student": "Another teacher's student"}]


def prepared(report: str) -> str:
	"""Write a report that is ready as the session's user, without a job, and return its name."""
	doc = frappe.get_doc(
		{"doctype": "Prepared Report", "report_name": report, "status": "Completed", "filters": "{}"}
	)
	doc.set("__islocal", True)
	doc.set_user_and_timestamp()
	doc.name = frappe.generate_hash(length=10)
	doc.db_insert()
	content = gzip.compress(json.dumps({"columns": [], "result": ROWS}).encode())
	file = {"file_name": f"{doc.name}.json.gz", "content": content, "is_private": 1}
	attached = {"attached_to_doctype": doc.doctype, "attached_to_name": doc.name}
	frappe.get_doc({"doctype": "File", **file, **attached}).insert(ignore_permissions=True)
	return doc.name


def names_listed() -> list[str]:
	return frappe.get_list("Prepared Report", pluck="name")


def test_the_owner_reads_it(as_role):
	as_role(*ROLES)
	name = prepared(REPORT)
	doc = frappe.get_doc("Prepared Report", name)
	assert doc.has_permission("read") and name in names_listed()
	assert json.loads(doc.get_prepared_data())["result"] == ROWS


@pytest.mark.parametrize("roles", [ROLES, (*ROLES, "System Manager")])
def test_a_colleague_with_the_same_role_does_not(as_role, roles):
	as_role(*ROLES)
	name = prepared(REPORT)
	as_role(*roles)
	doc = frappe.get_doc("Prepared Report", name)
	assert not doc.has_permission("read") and name not in names_listed()
	with pytest.raises(frappe.PermissionError, match="another user"):
		doc.get_prepared_data()
	with pytest.raises(frappe.ValidationError):
		prepared_report.download_attachment(name)
	file = frappe.get_doc("File", {"attached_to_doctype": doc.doctype, "attached_to_name": name})
	assert not file.has_permission("read")
	hidden_files.begin()
	frappe.local.dialer_hidden = {}
	with pytest.raises(frappe.PermissionError):
		file.get_content()


def test_no_user_asks_for_anothers_by_name(as_role):
	owner = as_role(*ROLES)
	name = prepared(REPORT)
	as_role(*ROLES)
	report = query_report.get_report_doc(REPORT)
	for chosen in (name, ""):
		try:
			found = query_report.get_prepared_report_result(report, {}, chosen, owner)
		except frappe.PermissionError:
			continue
		assert not found.get("result")


def test_reports_of_other_apps_stay_as_frappe_has_them(as_role, monkeypatch):
	monkeypatch.setattr("school_dialer.privacy.prepared_reports.of_ours", lambda *_about: False)
	as_role(*ROLES)
	name = prepared(REPORT)
	as_role(*ROLES)
	assert json.loads(frappe.get_doc("Prepared Report", name).get_prepared_data())["result"] == ROWS
