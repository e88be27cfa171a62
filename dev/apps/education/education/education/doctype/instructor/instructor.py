import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.naming import set_name_by_naming_series


class Instructor(Document):
	def autoname(self):
		naming = frappe.db.get_single_value("Education Settings", "instructor_created_by")
		if naming == "Naming Series":
			set_name_by_naming_series(self)
		elif naming == "Full Name":
			self.name = self.instructor_name
		elif naming:
			if not self.employee:
				frappe.throw(_("Please select Employee"))
			self.name = self.employee
		else:
			frappe.throw(_("Please setup Instructor Naming System in Education > Education Settings"))
