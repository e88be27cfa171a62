from frappe.model.document import Document


class StudentLanguage(Document):
	pass
