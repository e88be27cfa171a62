from frappe.model.document import Document


class FeeComponent(Document):
	pass
