from school_dialer.consent import triggers
from school_dialer.consent.guard import LedgerRecord


class ConsentAnchor(LedgerRecord):
	"""A signature over the last events of all numbers up to a moment, linked to the anchor before."""


def on_doctype_update() -> None:
	triggers.create(("Consent Anchor",))
