from frappe.model.document import Document


class GradingScale(Document):
	pass
