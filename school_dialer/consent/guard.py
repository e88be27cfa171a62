"""The base of the ledger's DocTypes: records that no document method writes.

The ledger writes with SQL of its own, so every path that goes through a Document (the Desk, REST, data import, bulk edit,
rename, merge, `frappe.client`, another app's code, Administrator included) can be refused without exception.
"""

from typing import NoReturn

import frappe
from frappe import _
from frappe.model.document import Document


class AppendOnly(frappe.ValidationError):
	"""Somebody tried to write a record of the consent ledger."""


def refuse(doctype: str) -> NoReturn:
	frappe.throw(
		_(
			"{0} is kept by the consent ledger: it cannot be created, changed, renamed or deleted by hand. "
			"Use Record Consent, Record Opt-out or Verify in Contact Consent."
		).format(_(doctype)),
		AppendOnly,
		title=_("Kept by the ledger"),
	)


class LedgerRecord(Document):
	def before_insert(self) -> None:
		refuse(self.doctype)

	def validate(self) -> None:
		refuse(self.doctype)

	def before_rename(self, old: str, new: str, merge: bool = False) -> None:
		refuse(self.doctype)

	def on_trash(self) -> None:
		refuse(self.doctype)

	def db_insert(self, *args, **kwargs) -> None:
		refuse(self.doctype)

	def db_update(self) -> None:
		refuse(self.doctype)

	def db_set(self, *args, **kwargs) -> None:
		refuse(self.doctype)
