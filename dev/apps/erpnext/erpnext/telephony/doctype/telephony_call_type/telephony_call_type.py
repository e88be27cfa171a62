from frappe.model.document import Document


class TelephonyCallType(Document):
	pass
