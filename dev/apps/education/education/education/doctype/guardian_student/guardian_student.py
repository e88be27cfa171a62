from frappe.model.document import Document


class GuardianStudent(Document):
	pass
