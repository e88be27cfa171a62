from school_dialer.base.written_by_code import WrittenByCode


class DialerPreferenceLink(WrittenByCode):
	"""The server's record of a signed link; see `consent.choices.preference_link`."""
