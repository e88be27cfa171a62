from school_dialer.written_by_code import WrittenByCode


class DialerPublicAlert(WrittenByCode):
	pass
