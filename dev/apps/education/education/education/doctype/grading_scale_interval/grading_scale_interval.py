from frappe.model.document import Document


class GradingScaleInterval(Document):
	pass
