from frappe.model.document import Document


class AcademicYear(Document):
	pass
