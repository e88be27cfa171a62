import frappe
from frappe import _
from frappe.model.document import Document

from school_dialer.base.refusal import throw


class DialerPIN(Document):
	"""Records that a person has a PIN, and wrong tries at it.

	The PIN's salted hash is in Frappe's own password table; see `calls.pins`.
	"""

	def validate(self):
		throw(_("A PIN is made with the button on the person's record."), frappe.PermissionError)
