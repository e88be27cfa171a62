import frappe
from frappe import _
from frappe.model.document import Document

from school_dialer.audience.base import country_code
from school_dialer.base.phone import InvalidNumber, parse
from school_dialer.base.refusal import throw


class DialerLegalHold(Document):
	"""Preserves everything on record about a number or a person. Created once, released once, never deleted.

	See `privacy.holds`.
	"""

	def before_insert(self) -> None:
		self.status = "In Force"
		self.released_at = self.released_by = self.release_reason = None

	def validate(self) -> None:
		if not self.is_new():
			if not self.flags.releasing:
				throw(_("A hold is not changed. Release it, and make another one."), frappe.PermissionError)
			return
		if not (self.phone or self.person):
			throw(_("Name the telephone number, or the person, whose records are to be kept."))
		if self.phone:
			try:
				self.phone = parse(self.phone, country_code()).e164
			except InvalidNumber as error:
				throw(_("This is not a telephone number: {0}.").format(_(error.reason)))

	def on_trash(self) -> None:
		throw(_("A hold is not deleted. Release it."), frappe.PermissionError)
