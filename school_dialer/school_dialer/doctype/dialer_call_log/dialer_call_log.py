import json

from frappe.model.document import Document

from school_dialer.messages import catalogue


class DialerCallLog(Document):
	"""One attempt, with the decision that permitted it.

	The dialer writes it in bulk; doc_events in hooks.py refuse other writes.
	"""

	def onload(self) -> None:
		self.set_onload("fields_used", catalogue.labels(json.loads(self.fields_used or "[]")))
