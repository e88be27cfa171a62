import frappe
from frappe.model.document import Document


class Department(Document):
	def autoname(self):
		abbr = frappe.get_cached_value("Company", self.company, "abbr")
		self.name = f"{self.department_name} - {abbr}"
