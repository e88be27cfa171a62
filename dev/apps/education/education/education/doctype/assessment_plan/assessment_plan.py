from frappe.model.document import Document


class AssessmentPlan(Document):
	pass
