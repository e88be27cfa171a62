from school_dialer.written_by_code import WrittenByCode


class DialerReview(WrittenByCode):
	"""An item that awaits human review. `consent.replies.reviews` writes it."""
