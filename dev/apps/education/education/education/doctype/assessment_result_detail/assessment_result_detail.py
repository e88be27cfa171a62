from frappe.model.document import Document


class AssessmentResultDetail(Document):
	pass
