from frappe.model.document import Document


class AssessmentCriteria(Document):
	pass
