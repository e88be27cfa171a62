import frappe

from school_dialer.consent import corrections
from school_dialer.consent.events import OPT_OUT
from school_dialer.consent.integrity import triggers
from school_dialer.written_by_code import LedgerRecord


class ConsentEvent(LedgerRecord):
	"""One event of the consent ledger, written by `consent.ledger` and never changed."""

	def onload(self) -> None:
		"""Say whether this is an opt-out that staff recorded, which a manager can take back as a mistake."""
		self.set_onload("by_staff", self.kind == OPT_OUT and corrections.is_by_staff(self))


def on_doctype_update() -> None:
	frappe.db.add_unique("Consent Event", ["phone", "seq"])
	triggers.create(("Consent Event",))
