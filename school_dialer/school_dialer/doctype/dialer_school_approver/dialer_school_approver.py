from frappe.model.document import Document


class DialerSchoolApprover(Document):
	pass
