"""The demo school loads into a site completely, and loading it again changes nothing."""

from datetime import timedelta

import frappe
import pytest

from dev.days import next_ordinary
from dev.school import consents, users
from dev.school import load as loader
from dev.school.model import COMPANY, COURT_ORDER
from school_dialer.base import clock
from school_dialer.consent import ledger

pytestmark = pytest.mark.dates

COUNTED = (
	"Student",
	"Student Guardian",
	"Guardian",
	"Employee",
	"Instructor",
	"Student Group",
	"Student Group Student",
	"Program Enrollment",
	"Student Attendance",
	"Student Leave Application",
	"Assessment Result",
	"Fees",
	"Fee Component",
	"Contact",
	"Issue",
	"Campaign",
	"User",
	"Consent Event",
	"Contact Consent",
)


SAVED = {
	"Student": {"student_email_id": ("like", "%@students.example.org")},
	"Guardian": {"email_address": ("like", "family%@example.org")},
	"Student Group": {"academic_year": ("is", "set")},
	"Employee": {"company_email": ("like", "staff%@riverside.example")},
	"Instructor": {"employee": ("is", "set")},
}
"""Filters of the demo school's own records, beside those that other tests leave."""


def counts() -> dict[str, int]:
	return {doctype: frappe.db.count(doctype) for doctype in COUNTED}


def broken_links(doctype: str) -> dict[str, list]:
	"""Return broken links of a DocType as `{fieldname: values of Link fields without a record}`.

	The ledger keeps the schools of other tests, which those delete (`factories.OURS`).
	"""
	broken = {}
	for field in frappe.get_meta(doctype).get_link_fields():
		table, target = frappe.qb.DocType(doctype), frappe.qb.DocType(field.options)
		column = table[field.fieldname]
		rows = (
			frappe.qb.from_(table)
			.left_join(target)
			.on(target.name == column)
			.select(column)
			.where(column.isnotnull() & (column != "") & column.not_like("Test %") & target.name.isnull())
			.limit(3)
			.run()
		)
		if rows:
			broken[field.fieldname] = rows
	return broken


def test_everything_is_loaded_and_only_once() -> None:
	loader.load()
	first = counts()
	assert frappe.db.count("Student", SAVED["Student"]) == 600
	assert 850 <= frappe.db.count("Guardian", SAVED["Guardian"]) <= 950
	assert frappe.db.count("Employee", SAVED["Employee"]) == 60

	again = loader.load()
	assert not any(again.values())
	assert counts() == first

	assert {doctype: broken for doctype in COUNTED if (broken := broken_links(doctype))} == {}
	check_people()
	check_consents()
	check_saving()


def check_people() -> None:
	assert frappe.db.count("Student Guardian", {"dialer_contact_permission": COURT_ORDER}) >= 1
	languages = set(frappe.get_all("Guardian", pluck="dialer_language", distinct=True, order_by=None))
	assert {"en", "es", "zh", "ar", "vi"} <= languages
	for email, (_, roles) in users.USERS.items():
		assert set(roles) <= set(frappe.get_roles(email))


def check_consents() -> None:
	by_office = {"actor": consents.OFFICE}
	phones = frappe.get_all("Consent Event", by_office, pluck="phone", distinct=True, order_by="phone")
	facts = ledger.read(phones).values()
	given = [consent for fact in facts for consent in fact.consents]
	assert len(phones) > 800
	assert {consent.basis for consent in given} >= {"number provided", "express oral", "express written"}
	assert any(consent.expires_at and consent.expires_at < clock.now() for consent in given)
	scopes = {opt_out.scope for fact in facts for opt_out in fact.opt_outs}
	assert scopes >= {"this purpose", "all non-emergency", "everything"}
	unworded = {"kind": "Grant", "wording": ["in", ["", None]], **by_office}
	assert frappe.db.count("Consent Event", unworded) == 0


def check_saving() -> None:
	"""Check that rows written in bulk can be saved, and that the naming series continue after them."""
	for doctype, of_demo in SAVED.items():
		name = frappe.get_all(doctype, of_demo, order_by="name", limit=1, pluck="name")[0]
		frappe.get_doc(doctype, name).save()
	newcomer = frappe.get_doc(
		{"doctype": "Employee", "first_name": "Ina", "gender": "Female", "company": COMPANY}
		| {"date_of_birth": "1990-01-01", "date_of_joining": "2024-08-01", "naming_series": "HR-EMP-"}
	).insert()
	assert newcomer.name > "HR-EMP-00060"


def test_a_later_day_only_adds_attendance() -> None:
	loader.load()
	before = counts()
	last = frappe.get_all("Student Attendance", order_by="date desc", limit=1, pluck="date")[0]
	later = next_ordinary(last + timedelta(days=1))
	added = loader.load(day=later)
	assert {doctype for doctype, count in added.items() if count} <= {
		"Student Attendance",
		"Student Leave Application",
	}
	assert frappe.db.count("Student Attendance", {"date": later, "docstatus": 1}) > 500
	assert counts()["Student"] == before["Student"]


def test_a_site_with_its_own_students_is_refused() -> None:
	frappe.db.delete("DefaultValue", {"parent": "__global", "defkey": loader.ANCHOR})
	frappe.get_doc({"doctype": "Guardian", "guardian_name": "Real Person"}).insert()
	with pytest.raises(loader.CannotLoad, match="of its own"):
		loader.load()
