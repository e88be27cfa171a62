import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate


class ProgramEnrollment(Document):
	def validate(self):
		same = {"name": ["!=", self.name], "docstatus": ["<", 2]}
		same |= {field: self.get(field) for field in ("student", "program", "academic_year", "academic_term")}
		if frappe.db.exists("Program Enrollment", same):
			frappe.throw(_("Student is already enrolled."))
		span = ("year_start_date", "year_end_date")
		first, last = frappe.db.get_value("Academic Year", self.academic_year, span)
		if not first <= getdate(self.enrollment_date) <= last:
			frappe.throw(_("The enrolment is outside of the Academic Year {0}").format(self.academic_year))
