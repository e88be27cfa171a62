from frappe.model.document import Document


class StudentSibling(Document):
	pass
