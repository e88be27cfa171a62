from school_dialer.consent.record import WrittenByTheDialer


class DialerPreferenceLink(WrittenByTheDialer):
	"""What the server keeps of a signed link, see `school_dialer.consent.choices.preference_link`."""
