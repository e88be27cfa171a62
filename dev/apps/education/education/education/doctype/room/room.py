from frappe.model.document import Document


class Room(Document):
	pass
