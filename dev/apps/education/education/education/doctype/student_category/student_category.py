from frappe.model.document import Document


class StudentCategory(Document):
	pass
