from frappe.model.document import Document


class GuardianInterest(Document):
	pass
