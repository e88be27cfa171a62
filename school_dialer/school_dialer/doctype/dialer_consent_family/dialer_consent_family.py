from frappe.model.document import Document


class DialerConsentFamily(Document):
	pass
