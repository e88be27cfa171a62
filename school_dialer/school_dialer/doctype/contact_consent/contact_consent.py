from contextlib import suppress

import frappe

from school_dialer.base.phone import InvalidNumber
from school_dialer.base.written_by_code import LedgerRecord
from school_dialer.reporting import receipt
from school_dialer.reporting.number import line_words


class ContactConsent(LedgerRecord):
	"""The current consent of one number, channel and purpose: a projection that only the ledger writes."""

	def onload(self) -> None:
		"""Add what look-ups say about the line. No text of it holds the number."""
		with suppress(InvalidNumber):
			number = frappe.db.get_value(self.doctype, self.name, "phone")
			self.set_onload("line", line_words.of_number(number or ""))

	def receipt(self) -> dict:
		"""Return the receipt for the print format."""
		return receipt.receipt_of(self)


def on_doctype_update() -> None:
	frappe.db.add_unique("Contact Consent", ["phone", "channel", "purpose"])
