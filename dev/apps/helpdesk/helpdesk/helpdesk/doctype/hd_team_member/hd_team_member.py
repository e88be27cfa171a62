from frappe.model.document import Document


class HDTeamMember(Document):
	pass
