import frappe

from school_dialer.reporting import receipt
from school_dialer.written_by_code import LedgerRecord


class ContactConsent(LedgerRecord):
	"""The current consent of one number, channel and purpose: a projection that only the ledger writes."""

	def receipt(self) -> dict:
		"""Return the receipt for the print format."""
		return receipt.receipt_of(self)


def on_doctype_update() -> None:
	frappe.db.add_unique("Contact Consent", ["phone", "channel", "purpose"])
