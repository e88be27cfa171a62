from frappe.model.document import Document


class StudentLeaveApplication(Document):
	pass
