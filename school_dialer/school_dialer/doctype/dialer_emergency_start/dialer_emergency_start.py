from frappe.model.document import Document


class DialerEmergencyStart(Document):
	"""One press of the button, by its key. Written by `emergency_kit.starting` only."""
