from school_dialer.base.written_by_code import WrittenByCode


class DialerConsentRequest(WrittenByCode):
	"""One family that was asked for consent; see `consent_form.requests`."""
