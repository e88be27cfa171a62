from school_dialer.base.written_by_code import WrittenByCode


class DialerSharedFile(WrittenByCode):
	"""A file that staff sent to a family as a link. `conversations.shared_files` writes it."""
