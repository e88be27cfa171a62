from frappe.model.document import Document


class DialerCoverage(Document):
	"""How many people may be called, as of one night. Only `reporting.coverage` writes it."""
