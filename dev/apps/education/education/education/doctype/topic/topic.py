from frappe.model.document import Document


class Topic(Document):
	pass
