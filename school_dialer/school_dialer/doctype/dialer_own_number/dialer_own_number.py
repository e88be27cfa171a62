import frappe
from frappe import _
from frappe.model.document import Document

from school_dialer.base.refusal import throw


class DialerOwnNumber(Document):
	"""A user's phone number, and whether the user has proved that they hold it; see `calls.own_number`."""

	def validate(self) -> None:
		throw(_("A number is verified with a code, under Send test to me."), frappe.PermissionError)

	def on_trash(self) -> None:
		throw(_("A number goes away with its user, or when another one is verified."), frappe.PermissionError)
