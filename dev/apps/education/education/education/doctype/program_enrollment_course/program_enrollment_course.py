from frappe.model.document import Document


class ProgramEnrollmentCourse(Document):
	pass
