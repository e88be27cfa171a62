from school_dialer.base.written_by_code import WrittenByCode


class DialerAbsenceReport(WrittenByCode):
	"""An absence or late arrival that a guardian reported. `absences` writes it."""
