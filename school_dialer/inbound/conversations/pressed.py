"""What a conversation says for a key that a family pressed in a call, as it is stored (`stored_words`)."""

from school_dialer.base.stored_words import translated
from school_dialer.base.wording import Wording as _

UNAWARE = _("Answered in a call about an absence: I did not know.")
OTHER_NUMBER = _("Answered about {0}: another number is better.")
SENTENCES = (UNAWARE, OTHER_NUMBER)


def shown(words: str | None) -> str:
	"""Return the words of a message for the reader. What a family wrote stays as it is."""
	return translated(words, SENTENCES)
