import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, date_diff, getdate

from education.school_calendar import holiday_list, is_holiday


class StudentLeaveApplication(Document):
	"""As in Education, submitted leave writes the attendance of its days."""

	def validate(self):
		if getdate(self.to_date) < getdate(self.from_date):
			frappe.throw(_("The last day is before the first"))
		listed = holiday_list()
		self.total_leave_days = sum(not is_holiday(listed, day) for day in self.days())
		same = {"student": self.student, "docstatus": ["<", 2], "name": ["!=", self.name]}
		within = {"from_date": ["<=", self.to_date], "to_date": [">=", self.from_date]}
		if twin := frappe.db.exists("Student Leave Application", same | within):
			frappe.throw(_("Leave {0} exists for {1} already").format(twin, self.student))

	def on_submit(self):
		listed = holiday_list()
		for day in self.days():
			if not is_holiday(listed, day):
				self.mark(day)

	def on_cancel(self):
		days = ["between", [self.from_date, self.to_date]]
		marked = {"student": self.student, "date": days, "docstatus": ["<", 2]}
		for name in frappe.get_all("Student Attendance", marked, pluck="name", order_by="name"):
			frappe.db.set_value("Student Attendance", name, "docstatus", 2)

	def days(self):
		return [
			add_days(getdate(self.from_date), distance)
			for distance in range(date_diff(self.to_date, self.from_date) + 1)
		]

	def mark(self, day):
		values = {
			"status": "Present" if self.mark_as_present else "Absent",
			"leave_application": self.name,
		}
		same = {"student": self.student, "date": day, "docstatus": ["!=", 2]}
		if known := frappe.db.exists("Student Attendance", same):
			frappe.db.set_value("Student Attendance", known, values)
			return
		about = {"student": self.student, "date": day, "student_group": self.student_group}
		doc = {"doctype": "Student Attendance", "course_schedule": self.course_schedule, **about, **values}
		frappe.get_doc(doc).insert(ignore_permissions=True, ignore_mandatory=True).submit()
