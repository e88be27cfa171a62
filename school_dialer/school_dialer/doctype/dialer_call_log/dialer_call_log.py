from frappe.model.document import Document


class DialerCallLog(Document):
	"""One attempt, with the decision that permitted it. Written by dialing in bulk; the doc_events in hooks.py refuse the rest."""
