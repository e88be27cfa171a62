"""Attendance and leave as Education takes them: for a member of a group, and never for a future day."""

from datetime import date

import frappe

from dev.school.model import SchoolYear
from school_dialer.base import clock


def mark(student: str, status: str = "Absent", day: date | None = None, **more):
	"""Submit an attendance record, by default for the site's current day."""
	day = day or clock.db_now().date()
	if "student_group" not in more:
		more["student_group"] = group_of(student, day)
	values = {"student": student, "status": status, "date": day, **more}
	return frappe.get_doc({"doctype": "Student Attendance", **values}).insert().submit()


def leave(student: str, student_group: str) -> str:
	"""Submit a leave for the site's current day, and return its name."""
	today = clock.db_now().date()
	values = {"student": student, "student_group": student_group, "from_date": today, "to_date": today}
	values |= {"attendance_based_on": "Student Group", "reason": "Flu"}
	return frappe.get_doc({"doctype": "Student Leave Application", **values}).insert().submit().name


def group_of(student: str, day: date) -> str:
	"""Return a group of this student in the school year of that day, and make one if there is none.

	The site's day may be in another school year than the one in which the demo school was loaded.
	"""
	year = SchoolYear.of(day).name
	if known := known_group(student, year):
		return known
	group = {
		"student_group_name": f"Group of {student} in {year}",
		"group_based_on": "Activity",
		"academic_year": year,
		"students": [
			{
				"student": student,
				"student_name": frappe.db.get_value("Student", student, "student_name"),
				"active": 1,
			}
		],
	}
	return frappe.get_doc({"doctype": "Student Group", **group}).insert().name


def known_group(student: str, year: str) -> str | None:
	member = {"student": student, "active": 1}
	groups = frappe.get_all("Student Group Student", member, pluck="parent", order_by="parent")
	of_year = {"name": ("in", groups), "academic_year": year}
	return frappe.db.get_value("Student Group", of_year, order_by="name")
