from frappe.model.document import Document


class DialerRecipient(Document):
	pass
