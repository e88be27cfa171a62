from frappe.model.document import Document


class AssessmentPlanCriteria(Document):
	pass
