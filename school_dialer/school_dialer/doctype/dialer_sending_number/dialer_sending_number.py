from frappe.model.document import Document


class DialerSendingNumber(Document):
	pass
