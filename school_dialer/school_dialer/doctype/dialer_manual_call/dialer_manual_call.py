from school_dialer.base.written_by_code import WrittenByCode


class DialerManualCall(WrittenByCode):
	"""A family that a person phones because no automatic call reached it. `manual_calls` writes it."""
