import frappe

from school_dialer.base.written_by_code import LedgerRecord
from school_dialer.consent import by_staff, corrections
from school_dialer.consent.events import OPT_OUT
from school_dialer.consent.integrity import triggers


class ConsentEvent(LedgerRecord):
	"""One event of the consent ledger, written by `consent.ledger` and never changed."""

	def onload(self) -> None:
		"""Say whether a manager can take this opt-out back as a mistake, or confirm its signed form."""
		self.set_onload("by_staff", self.kind == OPT_OUT and corrections.is_by_staff(self))
		self.set_onload("form_to_confirm", by_staff.awaits_second_person(self))


def on_doctype_update() -> None:
	frappe.db.add_unique("Consent Event", ["phone", "seq"])
	triggers.create(("Consent Event",))
