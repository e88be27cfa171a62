from school_dialer.consent.record import WrittenByTheDialer


class DialerNotice(WrittenByTheDialer):
	"""A text to one person, to be sent once. `school_dialer.consent.replies.confirmation_requests` asks for it, dialing sends it."""
