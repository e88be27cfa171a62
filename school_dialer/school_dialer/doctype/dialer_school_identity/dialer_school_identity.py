from frappe.model.document import Document


class DialerSchoolIdentity(Document):
	pass
