"""The DocTypes of Education and ERPNext on the test site have the fields of the real ones."""

import json
from pathlib import Path

import frappe
import pytest

FIELDS = json.loads((Path(__file__).parent / "data" / "education_fields.json").read_text(encoding="utf-8"))
"""Module, flags and fields as read from a site of ERPNext 15 and Education (branch version-15)."""

FLAGS = ("module", "istable", "issingle", "is_submittable", "title_field", "show_title_field_in_link")
TARGETS = ("Link", "Table", "Table MultiSelect")


def parse(text: str) -> tuple[str, set[str]]:
	fieldtype, _, options = text.partition(": ")
	return fieldtype, set(options.split(", ")) - {""}


@pytest.mark.parametrize("doctype", FIELDS)
def test_fields_are_those_of_the_real_app(doctype: str) -> None:
	expected = FIELDS[doctype]
	meta = frappe.get_meta(doctype)
	for flag in FLAGS:
		assert (meta.get(flag) or 0) == expected.get(flag, 0), flag
	found = {field.fieldname: field for field in meta.fields}
	assert expected["fields"].keys() <= found.keys()
	for fieldname, text in expected["fields"].items():
		fieldtype, options = parse(text)
		assert found[fieldname].fieldtype == fieldtype, fieldname
		actual = {option.strip() for option in (found[fieldname].options or "").split("\n")}
		assert options <= actual, fieldname


@pytest.mark.parametrize("doctype", FIELDS)
def test_links_lead_to_doctypes_that_exist(doctype: str) -> None:
	targets = {field.options for field in frappe.get_meta(doctype).fields if field.fieldtype in TARGETS}
	assert {target for target in targets if not frappe.db.exists("DocType", target)} == set()


def test_student_and_guardian_know_each_other() -> None:
	guardian = frappe.get_doc({"doctype": "Guardian", "guardian_name": "Rosa Cruz"}).insert()
	student = frappe.get_doc(
		{
			"doctype": "Student",
			"first_name": "Itzel",
			"last_name": "Cruz",
			"naming_series": "EDU-STU-.YYYY.-",
			"student_email_id": "itzel.cruz@example.org",
			"guardians": [{"guardian": guardian.name, "relation": "Mother"}],
		}
	).insert()
	assert (student.name[:8], guardian.name[:8]) == ("EDU-STU-", "EDU-GRD-")
	assert student.student_name == "Itzel Cruz"
	assert student.guardians[0].guardian_name == "Rosa Cruz"
	guardian = frappe.get_doc("Guardian", guardian.name)
	guardian.run_method("onload")
	assert [(row.student, row.student_name) for row in guardian.students] == [(student.name, "Itzel Cruz")]
	guardian.save()
	assert frappe.db.count("Guardian Student", {"parent": guardian.name}) == 0


def test_names_clash_with_no_doctype_of_the_dialer() -> None:
	assert frappe.db.get_value("DocType", "Campaign", "module") == "CRM"
	assert frappe.db.get_value("DocType", "Call Log", "module") == "Telephony"
	frappe.get_doc({"doctype": "Campaign", "campaign_name": "Spring Open House"}).insert()
	assert frappe.db.exists("Campaign", "Spring Open House")
