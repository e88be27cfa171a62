import frappe
from frappe import _
from frappe.model.document import Document

from school_dialer.base.refusal import throw
from school_dialer.campaigns.approval import locks


class DialerRecording(Document):
	"""A recorded message.

	It is made through the message's form and never changes; another recording is another document.
	"""

	def validate(self) -> None:
		if not self.is_new():
			throw(_("A recording does not change. Record or upload another one."), frappe.PermissionError)
		if not self.flags.by_this_app:
			throw(_("Upload or record it under Recordings in the message."), frappe.PermissionError)

	def on_trash(self) -> None:
		locks.keep_recording(self.name)
