from frappe.model.document import Document


class HDAgent(Document):
	pass
