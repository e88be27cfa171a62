"""Attendance as Education takes it: for a member of a group, and never for a future day."""

from datetime import date

import frappe

from school_dialer import clock


def mark(student: str, status: str = "Absent", day: date | None = None, **more):
	"""Submit an attendance record, by default for the site's current day."""
	values = {"student": student, "status": status, "date": day or clock.db_now().date(), **more}
	group = {"student_group": group_of(student)}
	return frappe.get_doc({"doctype": "Student Attendance", **group, **values}).insert().submit()


def group_of(student: str) -> str:
	"""Return a group of this student, and make one if there is none."""
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
