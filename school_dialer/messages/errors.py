"""Errors raised while making a message. Pure Python."""

from school_dialer.base.wording import Wording as _


class MessageError(Exception):
	"""A message cannot be made.

	The text is safe to show and to log: it never contains a value from a record.
	"""


class TemplateError(MessageError):
	"""The template is wrong, for every recipient. ``line`` counts from 1 within the variant.

	``instead``: what is written there, and what is meant, if one replaces the other without more ado.
	"""

	def __init__(self, message: str, line: int = 1, fix: str = "", instead: tuple[str, str] | None = None):
		text = _("Line {0}: {1} {2}", line, message, fix) if fix else _("Line {0}: {1}", line, message)
		super().__init__(text)
		self.message, self.line, self.fix, self.instead = message, line, fix, instead


class MissingData(MessageError):
	"""The recipient's record lacks a value and the template gives no default: hold the recipient back."""

	code = "MISSING_DATA"

	def __init__(self, *names: str):
		listed = ", ".join(names)
		super().__init__(_("No value for: {0}", listed))
		self.names = names


class RecordingMissing(MessageError):
	"""A recording's file is missing and there are no words to say instead: hold the recipient back."""


class TooLong(MessageError):
	"""With this recipient's values, the message is longer than the channel allows."""


class SchoolIncomplete(MessageError):
	"""Dialer Settings lack the spoken identity or the call-back number. No call may be made without them."""


class NotForChannel(MessageError):
	"""Educational fields in a voicemail or a text, or no words for the channel at all."""
