from frappe.model.document import Document


class DialerSettings(Document):
	pass
