from frappe.model.document import Document


class AssessmentGroup(Document):
	pass
