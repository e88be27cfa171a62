from frappe.model.document import Document


class DialerDetailsTranslation(Document):
	pass
