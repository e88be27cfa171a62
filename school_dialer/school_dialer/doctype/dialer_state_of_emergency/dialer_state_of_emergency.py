from frappe.model.document import Document


class DialerStateofEmergency(Document):
	"""One that a governor declared, as a Compliance Officer wrote it down; Dialer Settings check it."""
