from frappe.model.document import Document


class Lead(Document):
	def validate(self):
		parts = (self.first_name, self.middle_name, self.last_name)
		self.lead_name = self.lead_name or " ".join(part for part in parts if part)
		self.title = self.company_name or self.lead_name
