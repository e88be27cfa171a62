from frappe.model.document import Document


class CourseSchedule(Document):
	def validate(self):
		self.title = f"{self.course} by {self.instructor_name or self.instructor}"
