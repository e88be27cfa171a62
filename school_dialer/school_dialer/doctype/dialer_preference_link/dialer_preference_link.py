from school_dialer.written_by_code import WrittenByCode


class DialerPreferenceLink(WrittenByCode):
	"""What the server keeps of a signed link, see `school_dialer.consent.choices.preference_link`."""
