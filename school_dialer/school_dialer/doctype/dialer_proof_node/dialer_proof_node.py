from school_dialer.base.written_by_code import LogRecord
from school_dialer.consent.integrity import triggers


class DialerProofNode(LogRecord):
	"""The root over a complete subtree of the proof log. Its name is its level and index."""


def on_doctype_update() -> None:
	triggers.create(("Dialer Proof Node",))
