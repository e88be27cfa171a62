"""Records that only this app's own code writes, with SQL.

No document method writes them, whatever the caller.

So every path through a Document can be refused without exception: the Desk, REST, data import, bulk edit,
rename, merge, `frappe.client`, another app's code, Administrator included.
"""

from typing import NoReturn

import frappe
from frappe import _
from frappe.model.document import Document

from school_dialer.base.refusal import throw


class WrittenByCode(Document):
	"""A record that is never saved, renamed or deleted by hand. Only this app's code may insert it."""

	def refuse(self) -> NoReturn:
		throw(
			_("{0} is written by the dialer and cannot be changed by hand.").format(_(self.doctype)),
			frappe.PermissionError,
		)

	def validate(self) -> None:
		self.refuse()

	def before_rename(self, old: str, new: str, merge: bool = False) -> None:
		self.refuse()

	def on_trash(self) -> None:
		self.refuse()


class AppendOnly(frappe.ValidationError):
	"""A request tried to write a record of the consent ledger."""


class LedgerRecord(WrittenByCode):
	"""A record of the consent ledger. No document method may insert it either, or set a single field."""

	def refuse(self) -> NoReturn:
		throw(
			_(
				"{0} is kept by the consent ledger: it cannot be created, changed, renamed or deleted by "
				"hand. "
				"Use Record Consent, Record Opt-out or Verify in Contact Consent."
			).format(_(self.doctype)),
			AppendOnly,
			title=_("Kept by the ledger"),
		)

	def before_insert(self) -> None:
		self.refuse()

	def db_insert(self, *args, **kwargs) -> None:
		self.refuse()

	def db_update(self) -> None:
		self.refuse()

	def db_set(self, *args, **kwargs) -> None:
		self.refuse()


class LogRecord(LedgerRecord):
	"""A record of the proof log, guarded as the ledger's are. Nothing in Contact Consent changes it."""

	def refuse(self) -> NoReturn:
		WrittenByCode.refuse(self)
