"""The base of records that only the dialer's own code writes, with SQL; no document method does, whoever calls it."""

from typing import NoReturn

import frappe
from frappe import _
from frappe.model.document import Document


class WrittenByTheDialer(Document):
	def refuse(self) -> NoReturn:
		frappe.throw(
			_("{0} is written by the dialer and cannot be changed by hand.").format(_(self.doctype)),
			frappe.PermissionError,
		)

	def validate(self) -> None:
		self.refuse()

	def before_rename(self, old: str, new: str, merge: bool = False) -> None:
		self.refuse()

	def on_trash(self) -> None:
		self.refuse()
