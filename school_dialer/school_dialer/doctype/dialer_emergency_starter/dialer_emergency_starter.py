from frappe.model.document import Document


class DialerEmergencyStarter(Document):
	"""A user who may start a kit item, whatever their role."""
