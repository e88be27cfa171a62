from school_dialer.base.written_by_code import LogRecord


class DialerProofLog(LogRecord):
	"""How far the proof log has come: one row. Only `proof_log.store` writes it."""
