from frappe.model.document import Document


class Course(Document):
	pass
