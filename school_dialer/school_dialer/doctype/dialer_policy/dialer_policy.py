from frappe.model.document import Document


class DialerPolicy(Document):
	pass
