"""Student Applicants as Education makes them, and what Dialer Settings say about their fields."""

import inspect
import json

import frappe
import pytest
from frappe.website.doctype.web_form import web_form

WORDS = "I agree that the school may call and text me about what I answered yes to. I can stop at any time."
DOCTYPE = "Student Applicant"
FIELDS = {
	"phone": "student_mobile_number",
	"signature": "last_name",
	"wording": "address_line_1",
	"Voice-Attendance": "city",
	"Voice-Fees": "state",
}
"""Own fields of the DocType, in place of the custom fields of a school: a new column would commit."""
OF_FORM = ("first_name", "program", "academic_year", "student_email_id", *FIELDS.values(), "paid")


def set_fields(monkeypatch: pytest.MonkeyPatch, **more: str) -> None:
	"""Name the fields of applications in Dialer Settings for one test."""
	settings, real = frappe.get_cached_doc("Dialer Settings"), frappe.get_cached_doc
	monkeypatch.setattr(settings, "applicant_fields", json.dumps(FIELDS | more), raising=False)
	monkeypatch.setattr(
		frappe,
		"get_cached_doc",
		lambda *of, **options: settings if of[0] == "Dialer Settings" else real(*of, **options),
	)


def values(family, **more) -> dict:
	"""Return what a family enters for a new child."""
	token = frappe.generate_hash(length=8)
	return {
		"first_name": f"Zulma {token}",
		"last_name": "Maria Prueba",
		"student_email_id": f"zulma.{token}@students.example.org",
		"program": frappe.get_all("Program", pluck="name", order_by="name", limit=1)[0],
		"academic_year": frappe.get_all("Academic Year", pluck="name", order_by="name desc", limit=1)[0],
		"student_mobile_number": family.phone,
		"address_line_1": WORDS,
		"city": "Yes",
		"state": "No",
		**more,
	}


def insert(family, **more):
	"""Insert an application as the office does."""
	guardians = [{"guardian": family.guardian, "relation": "Mother"}]
	return frappe.get_doc({"doctype": DOCTYPE, "guardians": guardians, **values(family, **more)}).insert()


def form(*more: str, login_required: int = 1) -> str:
	"""Make a web form like Education's own, with these fields in addition, and return its name."""
	meta = frappe.get_meta(DOCTYPE)
	fields = [meta.get_field(name) for name in (*OF_FORM, *more)]
	shown = ("fieldname", "fieldtype", "label", "options", "reqd")
	token = f"apply-{frappe.generate_hash(length=8)}"
	made = {
		"doctype": "Web Form",
		"title": token,
		"route": token,
		"doc_type": DOCTYPE,
		"published": 1,
		"login_required": login_required,
		"allow_multiple": login_required,
		"web_form_fields": [{key: field.get(key) for key in shown} for field in fields],
	}
	return frappe.get_doc(made).insert().name


def send(name: str, entered: dict):
	"""Return the application that the web form makes of this."""
	accept = inspect.unwrap(web_form.accept)
	try:
		return accept(name, json.dumps(entered))
	finally:
		frappe.flags.in_web_form = False
