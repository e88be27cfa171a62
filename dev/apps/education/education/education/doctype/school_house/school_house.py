from frappe.model.document import Document


class SchoolHouse(Document):
	pass
