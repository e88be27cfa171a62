from frappe.model.document import Document


class FeeScheduleStudentGroup(Document):
	pass
