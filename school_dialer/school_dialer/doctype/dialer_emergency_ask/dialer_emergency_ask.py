from frappe.model.document import Document


class DialerEmergencyAsk(Document):
	"""One try to get the second person's approval. Written by `emergency_kit.second_person`."""
