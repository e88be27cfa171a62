from school_dialer.written_by_code import LedgerRecord


class ConsentHead(LedgerRecord):
	"""The last event of one number's chain: what the ledger locks, and what shows that a chain was cut off."""
