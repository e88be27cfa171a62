from frappe.model.document import Document


class CustomerGroup(Document):
	pass
