from school_dialer.base.written_by_code import LedgerRecord


class ConsentHead(LedgerRecord):
	"""The last event of one number's chain. The ledger locks this row, and it reveals a truncated chain."""
