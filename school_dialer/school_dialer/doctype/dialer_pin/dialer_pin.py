import frappe
from frappe import _
from frappe.model.document import Document


class DialerPIN(Document):
	"""That a person has a PIN, and wrong tries of it. Its salted hash is in Frappe's own table of passwords, see `calls.pins`."""

	def validate(self):
		frappe.throw(_("A PIN is made with the button on the person's record."), frappe.PermissionError)
