from school_dialer.consent import triggers
from school_dialer.consent.record import WrittenByTheDialer


class DialerDisclosure(WrittenByTheDialer):
	"""What was told of one student in one call or text. See `dialing.disclosures`; the database refuses changes."""


def on_doctype_update() -> None:
	triggers.create(("Dialer Disclosure",))
