from frappe.model.document import Document


class FeeStructure(Document):
	pass
