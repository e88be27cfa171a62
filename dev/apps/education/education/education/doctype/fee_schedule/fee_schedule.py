from frappe.model.document import Document


class FeeSchedule(Document):
	pass
