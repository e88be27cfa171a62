from frappe.model.document import Document


class DialerCallLog(Document):
	"""One attempt, with the decision that permitted it.

	The dialer writes it in bulk; doc_events in hooks.py refuse other writes.
	"""
