from school_dialer.consent.integrity import triggers
from school_dialer.written_by_code import WrittenByCode


class DialerNumberLookup(WrittenByCode):
	"""What was asked about a number, and the answer. `lines.record` writes it.

	The database refuses changes.
	"""


def on_doctype_update() -> None:
	triggers.create(("Dialer Number Lookup",))
