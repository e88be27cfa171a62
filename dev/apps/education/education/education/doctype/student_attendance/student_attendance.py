import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from education.school_calendar import holiday_list, is_holiday


class StudentAttendance(Document):
	"""Rejects what Education rejects."""

	def validate(self):
		if not (self.student_group or self.course_schedule):
			frappe.throw(_("Student Group or Course Schedule is mandatory"))
		if self.course_schedule:
			lesson = ("schedule_date", "student_group")
			self.date, self.student_group = frappe.db.get_value(
				"Course Schedule", self.course_schedule, lesson
			)
		self.check_day()
		self.check_member()
		self.check_twin()

	def check_day(self):
		day = getdate(self.date)
		if not self.leave_application and day > getdate():
			frappe.throw(_("Attendance is not taken of a day to come"))
		year = frappe.db.get_value("Student Group", self.student_group, "academic_year")
		span = (
			frappe.db.get_value("Academic Year", year, ("year_start_date", "year_end_date")) if year else None
		)
		if span and not span[0] <= day <= span[1]:
			frappe.throw(_("{0} is outside of the Academic Year {1}").format(day, year))
		if is_holiday(holiday_list(), day):
			frappe.throw(_("{0} is a holiday").format(day))

	def check_member(self):
		member = {"parent": self.student_group, "student": self.student, "active": 1}
		if not frappe.db.exists("Student Group Student", member):
			frappe.throw(_("{0} does not belong to the group {1}").format(self.student, self.student_group))

	def check_twin(self):
		same = {"student": self.student, "docstatus": ["!=", 2], "name": ["!=", self.name]}
		if self.course_schedule:
			same["course_schedule"] = self.course_schedule
		else:
			same |= {
				"student_group": self.student_group,
				"date": self.date,
				"course_schedule": ["is", "not set"],
			}
		if twin := frappe.db.exists("Student Attendance", same):
			frappe.throw(_("Attendance {0} exists for {1} already").format(twin, self.student))
