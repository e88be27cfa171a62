"""Attendance as Education takes it: of a member of a group, and of no day to come."""

from datetime import date

import frappe

from school_dialer import clock


def mark(student: str, status: str = "Absent", day: date | None = None, **more):
	"""Submitted, by default of the site's present day."""
	values = {"student": student, "status": status, "date": day or clock.db_now().date(), **more}
	group = {"student_group": group_of(student)}
	return frappe.get_doc({"doctype": "Student Attendance", **group, **values}).insert().submit()


def group_of(student: str) -> str:
	"""A group of this student's, made when there is none."""
	member = {"student": student, "active": 1}
	if known := frappe.db.get_value("Student Group Student", member, "parent"):
		return known
	group = {
		"student_group_name": f"Group of {student}",
		"group_based_on": "Activity",
		"academic_year": frappe.db.get_single_value("Education Settings", "current_academic_year"),
		"students": [{**member, "student_name": student}],
	}
	return frappe.get_doc({"doctype": "Student Group", **group}).insert().name
