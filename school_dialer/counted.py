"""Sentences that read differently for one, and purposes inside a sentence, in the reader's language."""

from frappe import _


def counted(number: int, one: str, many: str, *values: object) -> str:
	"""`one` or `many`, already translated, with {0} the number and {1} and so on the further values."""
	return (one if number == 1 else many).format(number, *values)


def about(purpose: str) -> str:
	"""What a message of this purpose is about, after a verb: "about fees"."""
	words = {
		"Attendance": _("about attendance"),
		"Academic": _("about academic matters"),
		"Event": _("about events"),
		"General": _("about general matters"),
		"Fees": _("about fees"),
		"Fundraising": _("about fundraising"),
		"Emergency": _("about emergencies"),
	}
	return words.get(purpose) or _("about {0}").format(_(purpose).lower())
