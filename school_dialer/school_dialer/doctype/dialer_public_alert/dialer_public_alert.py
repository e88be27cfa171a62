from school_dialer.base.written_by_code import WrittenByCode


class DialerPublicAlert(WrittenByCode):
	pass
