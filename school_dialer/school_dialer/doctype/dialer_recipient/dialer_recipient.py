from frappe.model.document import Document


class DialerRecipient(Document):
	"""One household's number in one campaign. The doc_events in hooks.py check it with the gate."""
