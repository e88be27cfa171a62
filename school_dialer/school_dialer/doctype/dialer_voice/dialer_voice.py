from frappe.model.document import Document


class DialerVoice(Document):
	pass
