from frappe.model.document import Document


class StudentApplicant(Document):
	def validate(self):
		parts = (self.first_name, self.middle_name, self.last_name)
		self.title = " ".join(part for part in parts if part)
