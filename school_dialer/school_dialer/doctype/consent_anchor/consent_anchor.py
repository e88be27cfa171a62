from school_dialer.base.written_by_code import LedgerRecord
from school_dialer.consent.integrity import triggers


class ConsentAnchor(LedgerRecord):
	"""A signature over the last events of all numbers up to a point in time.

	It is linked to the previous anchor.
	"""


def on_doctype_update() -> None:
	triggers.create(("Consent Anchor",))
