from school_dialer.written_by_code import WrittenByCode


class DialerReceivedAlert(WrittenByCode):
	pass
