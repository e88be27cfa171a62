from school_dialer.base.written_by_code import WrittenByCode
from school_dialer.consent.integrity import triggers


class DialerNumberLookup(WrittenByCode):
	"""What was asked about a number, and the answer. `lines.record` writes it.

	The database refuses changes.
	"""


def on_doctype_update() -> None:
	triggers.create(("Dialer Number Lookup",))
