import frappe
from frappe import _
from frappe.model.document import Document


class StudentAttendance(Document):
	def validate(self):
		twin = frappe.db.exists(
			"Student Attendance",
			{"student": self.student, "date": self.date, "docstatus": ["!=", 2], "name": ["!=", self.name]},
		)
		if twin and not self.course_schedule:
			frappe.throw(_("Attendance {0} exists for {1} already").format(twin, self.student))
