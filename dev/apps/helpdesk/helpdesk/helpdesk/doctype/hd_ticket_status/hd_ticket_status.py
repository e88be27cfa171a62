from frappe.model.document import Document


class HDTicketStatus(Document):
	pass
