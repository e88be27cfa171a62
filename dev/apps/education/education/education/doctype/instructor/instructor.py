import frappe
from frappe.model.document import Document
from frappe.model.naming import set_name_by_naming_series


class Instructor(Document):
	def autoname(self):
		naming = frappe.db.get_single_value("Education Settings", "instructor_created_by")
		if naming == "Full Name":
			self.name = self.instructor_name
		elif naming == "Employee Number" and self.employee:
			self.name = self.employee
		else:
			set_name_by_naming_series(self)
