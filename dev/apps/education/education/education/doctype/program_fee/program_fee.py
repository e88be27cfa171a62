from frappe.model.document import Document


class ProgramFee(Document):
	pass
