"""What a school decided about the guardians of a student."""

import frappe


def permissions(student: str) -> dict[str, str]:
	rows = frappe.get_all(
		"Student Guardian",
		{"parent": student, "parenttype": "Student"},
		["guardian", "dialer_contact_permission"],
		order_by="idx",
		as_list=True,
	)
	return dict(rows)


def restrict(student: str, guardian: str, permission: str) -> None:
	doc = frappe.get_doc("Student", student)
	next(row for row in doc.guardians if row.guardian == guardian).dialer_contact_permission = permission
	doc.save()
