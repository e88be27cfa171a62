from frappe.model.document import Document


class FeeCategory(Document):
	pass
