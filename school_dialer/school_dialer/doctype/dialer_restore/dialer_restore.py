import frappe
from frappe import _
from frappe.model.document import Document

from school_dialer.base.refusal import throw


class DialerRestore(Document):
	"""One restore: what was noticed, found, and decided. Only `continuity` and `recovery` write it."""

	def on_trash(self) -> None:
		throw(_("The report of a restore is evidence and is kept."), frappe.PermissionError)
