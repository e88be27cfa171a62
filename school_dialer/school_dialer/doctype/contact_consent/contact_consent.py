import frappe

from school_dialer.consent.guard import LedgerRecord


class ContactConsent(LedgerRecord):
	"""The current consent of one number, channel and purpose: a projection that only the ledger writes."""


def on_doctype_update() -> None:
	frappe.db.add_unique("Contact Consent", ["phone", "channel", "purpose"])
