import frappe

from school_dialer.base.written_by_code import LogRecord
from school_dialer.consent.integrity import triggers


class DialerProofLeaf(LogRecord):
	"""One entry of the proof log, appended by `proof_log.log` and never changed.

	Only its salt is deleted, when the record is lawfully erased.
	"""


def on_doctype_update() -> None:
	frappe.db.add_unique("Dialer Proof Leaf", ["reference", "kind"])
	triggers.create(("Dialer Proof Leaf",))
