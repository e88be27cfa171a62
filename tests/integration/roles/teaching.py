"""A group of the matrix's Dialer Teacher, and a message of theirs that waits to go out."""

import frappe

from school_dialer.campaigns.approval import parts
from tests.integration import factories as make

TABLES = ("Employee", "Instructor", "Student Group Instructor", "Student Group")


def of_teacher(user: str) -> dict:
	"""Insert what no form would save, and return what the methods of teachers are called with."""
	name = frappe.generate_hash(length=10)
	bare("Employee", name, first_name="Matrix", user_id=user, status="Active")
	bare("Instructor", name, instructor_name="Matrix", employee=name, status="Active")
	bare("Student Group", name, student_group_name=name)
	row = {"parent": name, "parenttype": "Student Group", "parentfield": "instructors"}
	bare("Student Group Instructor", name, instructor=name, **row)
	template, own = make.template(), make.campaign()
	frappe.db.set_value(parts.TEMPLATE, template, "teachers_may_use", 1)
	own.db_set({"teacher": user, "status": "Scheduled"})
	return {"group": name, "template": template, "own": own.name}


def bare(doctype: str, name: str, **values) -> None:
	frappe.get_doc({"doctype": doctype, "name": name, **values}).db_insert()


def remove(taught: dict) -> None:
	for doctype in TABLES:
		frappe.db.delete(doctype, {"name": taught["group"]})
	frappe.db.set_value(parts.CAMPAIGN, taught["own"], "status", "Cancelled")
	used = frappe.db.get_value(parts.CAMPAIGN, taught["own"], "template")
	frappe.delete_doc(parts.CAMPAIGN, taught["own"], force=True)
	for template in (used, taught["template"]):
		frappe.delete_doc(parts.TEMPLATE, template, force=True)
