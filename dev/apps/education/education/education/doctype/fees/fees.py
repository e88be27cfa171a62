from frappe.model.document import Document


class Fees(Document):
	pass
