from frappe.model.document import Document


class DialerConsentWave(Document):
	pass
