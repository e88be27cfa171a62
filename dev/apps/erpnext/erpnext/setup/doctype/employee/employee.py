from frappe.model.document import Document


class Employee(Document):
	def validate(self):
		self.employee = self.name
		parts = (self.first_name, self.middle_name, self.last_name)
		self.employee_name = " ".join(part for part in parts if part)
