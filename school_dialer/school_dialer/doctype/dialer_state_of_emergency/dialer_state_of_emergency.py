from frappe.model.document import Document


class DialerStateofEmergency(Document):
	"""A state of emergency declared by a governor and entered by a Compliance Officer.

	Dialer Settings validate it.
	"""
