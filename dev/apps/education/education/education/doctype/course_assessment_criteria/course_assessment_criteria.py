from frappe.model.document import Document


class CourseAssessmentCriteria(Document):
	pass
