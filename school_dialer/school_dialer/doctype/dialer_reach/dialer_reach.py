from frappe.model.document import Document


class DialerReach(Document):
	"""How one student's family can be reached. Only `reporting.reach.counting` writes it."""
