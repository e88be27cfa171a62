from frappe.model.document import Document


class StudentGroupInstructor(Document):
	pass
