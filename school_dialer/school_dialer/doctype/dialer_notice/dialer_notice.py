from school_dialer.written_by_code import WrittenByCode


class DialerNotice(WrittenByCode):
	"""A text to one person, to be sent once. `school_dialer.consent.replies.confirmation_requests` asks for it, dialing sends it."""
