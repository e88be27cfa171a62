from school_dialer.base.written_by_code import WrittenByCode


class DialerConversation(WrittenByCode):
	"""What a number and the school write to each other. `conversations` writes it."""
