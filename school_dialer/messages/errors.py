"""What can go wrong in making a message. Pure Python."""

from school_dialer.wording import Wording as _


class MessageError(Exception):
	"""A message cannot be made. The text is safe to show and to log: it never holds a value from a record."""


class TemplateError(MessageError):
	"""The template is at fault, for everybody. ``line`` counts from 1 within the variant."""

	def __init__(self, message: str, line: int = 1, fix: str = ""):
		told = _("Line {0}: {1} {2}", line, message, fix) if fix else _("Line {0}: {1}", line, message)
		super().__init__(told)
		self.message, self.line, self.fix = message, line, fix


class MissingData(MessageError):
	"""This person's record lacks a value and the template gives no default: hold the recipient back."""

	code = "MISSING_DATA"

	def __init__(self, *names: str):
		listed = ", ".join(names)
		super().__init__(_("No value for: {0}", listed))
		self.names = names


class RecordingMissing(MessageError):
	"""A recording's file is gone and there are no words to say in its place: hold the recipient back."""


class TooLong(MessageError):
	"""With this person's values, the message exceeds what the channel carries."""


class SchoolIncomplete(MessageError):
	"""Dialer Settings lack the spoken identity or the call-back number, without which no call may be made."""


class NotForChannel(MessageError):
	"""Educational fields in a voicemail or a text, or no words for the channel at all."""
