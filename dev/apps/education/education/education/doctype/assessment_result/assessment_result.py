from frappe.model.document import Document


class AssessmentResult(Document):
	pass
