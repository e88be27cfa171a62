from frappe.model.document import Document


class CourseEnrollment(Document):
	pass
