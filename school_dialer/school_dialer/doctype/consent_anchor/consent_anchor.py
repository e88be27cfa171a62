from school_dialer.consent.guard import LedgerRecord
from school_dialer.consent.integrity import triggers


class ConsentAnchor(LedgerRecord):
	"""A signature over the last events of all numbers up to a moment, linked to the anchor before."""


def on_doctype_update() -> None:
	triggers.create(("Consent Anchor",))
