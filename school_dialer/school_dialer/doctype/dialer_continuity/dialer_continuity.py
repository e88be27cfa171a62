from frappe.model.document import Document


class DialerContinuity(Document):
	"""How far the site has come: one row. Only `continuity.marks` writes it."""
