from school_dialer.base.written_by_code import LogRecord
from school_dialer.consent.integrity import triggers


class DialerProofCheckpoint(LogRecord):
	"""The signed size and root of the proof log at one time, made by `proof_log.checkpoints`."""


def on_doctype_update() -> None:
	triggers.create(("Dialer Proof Checkpoint",))
