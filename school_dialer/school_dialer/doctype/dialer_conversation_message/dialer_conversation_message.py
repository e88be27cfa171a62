from school_dialer.base.written_by_code import WrittenByCode


class DialerConversationMessage(WrittenByCode):
	"""One message of a Dialer Conversation. `conversations` writes it."""
