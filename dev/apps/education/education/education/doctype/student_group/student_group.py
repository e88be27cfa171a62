from frappe.model.document import Document


class StudentGroup(Document):
	pass
