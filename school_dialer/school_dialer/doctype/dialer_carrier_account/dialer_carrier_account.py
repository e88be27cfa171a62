from frappe.model.document import Document


class DialerCarrierAccount(Document):
	pass
