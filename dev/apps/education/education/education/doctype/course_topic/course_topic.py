from frappe.model.document import Document


class CourseTopic(Document):
	pass
