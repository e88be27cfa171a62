"""Factories of students, guardians and privacy choices, by age and by right."""

import secrets

import frappe

from tests.integration import factories as make

MINOR, ADULT = 12, 20


def guardian(**values) -> str:
	return frappe.get_doc({"doctype": "Guardian", "guardian_name": "Guardian", **values}).insert().name


def student(age: int | None, *links: tuple[str, dict], **values) -> str:
	doc = frappe.new_doc("Student")
	born = age and frappe.utils.add_to_date(make.clock.db_now().date(), years=-age, days=-1)
	email = f"{secrets.token_hex(6)}@student.test"
	doc.update({"first_name": "Student", "student_email_id": email, "date_of_birth": born, **values})
	for name, link in links:
		doc.append("guardians", {"guardian": name, "guardian_name": "G", "relation": "Mother", **link})
	return doc.insert().name


def choice(of: str, kind: str, **values):
	needed = {"reason": "The signed form of today."}
	if kind == "Consent to Disclose":
		needed |= {"records_covered": "Grades", "disclosure_purpose": "Support at home"}
	if kind == "Tax Dependent":
		needed |= {"tax_year": make.clock.db_now().year - 1}
	return frappe.get_doc(
		{"doctype": "Dialer Privacy Choice", "kind": kind, "student": of, **needed, **values}
	).insert()
