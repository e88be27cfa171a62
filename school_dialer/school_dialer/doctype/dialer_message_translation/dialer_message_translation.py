from frappe.model.document import Document


class DialerMessageTranslation(Document):
	pass
