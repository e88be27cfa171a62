from frappe.model.document import Document


class AcademicTerm(Document):
	def autoname(self):
		self.title = self.name = f"{self.academic_year} ({self.term_name})"
