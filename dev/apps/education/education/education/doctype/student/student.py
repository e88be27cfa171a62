from frappe.model.document import Document


class Student(Document):
	def validate(self):
		parts = (self.first_name, self.middle_name, self.last_name)
		self.student_name = " ".join(part for part in parts if part)
