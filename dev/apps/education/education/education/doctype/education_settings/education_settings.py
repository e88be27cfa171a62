from frappe.model.document import Document


class EducationSettings(Document):
	pass
