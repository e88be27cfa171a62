from frappe.model.document import Document


class ProgramCourse(Document):
	pass
