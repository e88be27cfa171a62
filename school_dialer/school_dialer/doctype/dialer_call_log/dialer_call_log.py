from frappe.model.document import Document


class DialerCallLog(Document):
	pass
