from frappe.model.document import Document

from school_dialer.inbound.conversations import replies


class DialerSavedReply(Document):
	def validate(self):
		"""Check the words as those of any answer: no student record, and not too long for a text."""
		self.words = replies.sendable(self.words or "")
