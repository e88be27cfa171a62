from frappe.model.document import Document


class DialerParty(Document):
	"""One person at one number of a recipient, and one student to tell them about (`campaigns.parties`)."""
