from frappe.model.document import Document


class DialerRosterRecord(Document):
	"""Which record is which of the roster's. Written in sets by `roster_import.known`."""
