from school_dialer.base.written_by_code import WrittenByCode


class DialerNotice(WrittenByCode):
	"""A text to one person, to be sent once.

	`consent.replies.confirmation_requests` creates it and `followup.confirmations` sends it.
	"""
