from school_dialer.consent.record import WrittenByTheDialer


class DialerReview(WrittenByTheDialer):
	"""What waits for a human's eyes. `school_dialer.consent.replies.reviews` writes it."""
