from frappe.model.document import Document


class StudentGroupStudent(Document):
	pass
