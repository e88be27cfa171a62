from school_dialer.written_by_code import WrittenByCode


class DialerReview(WrittenByCode):
	"""What waits for a human's eyes. `school_dialer.consent.replies.reviews` writes it."""
