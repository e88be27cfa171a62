import frappe
from frappe.model.document import Document


class Guardian(Document):
	"""As in Education, `students` rows come from the students' own guardian rows and are never stored.

	Every reading of the record fills them in, not just its form.
	"""

	def __setup__(self):
		self.onload()

	def onload(self):
		names = frappe.get_all(
			"Student Guardian",
			filters={"guardian": self.name, "parenttype": "Student"},
			pluck="parent",
			order_by="parent",
		)
		self.students = []
		for student in frappe.get_all(
			"Student",
			filters={"name": ["in", names]},
			fields=["name as student", "student_name"],
			order_by="name",
		):
			self.append("students", student)

	def validate(self):
		self.students = []
