import frappe

from school_dialer.consent.integrity import triggers
from school_dialer.written_by_code import LedgerRecord


class ConsentEvent(LedgerRecord):
	"""One event of the consent ledger, written by `consent.ledger` and never changed."""


def on_doctype_update() -> None:
	frappe.db.add_unique("Consent Event", ["phone", "seq"])
	triggers.create(("Consent Event",))
