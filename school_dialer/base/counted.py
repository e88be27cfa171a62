"""Singular and plural sentences, and purposes inside a sentence, in the reader's language."""

from frappe import _


def counted(number: int, one: str, many: str, *values: object) -> str:
	"""Return `one` or `many`, whichever fits the number, both already translated.

	{0} is replaced by the number, {1}, {2} and so on by `values`.
	"""
	return (one if number == 1 else many).format(number, *values)


def about(purpose: str) -> str:
	"""Return what a message of this purpose is about, to follow a verb: "about fees"."""
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
