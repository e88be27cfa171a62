import frappe
from frappe.model.document import Document


class Account(Document):
	def autoname(self):
		abbr = frappe.get_cached_value("Company", self.company, "abbr")
		self.name = f"{self.account_name} - {abbr}"
