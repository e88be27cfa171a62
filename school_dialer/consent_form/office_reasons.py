"""Why an answer is for the office: the sentences as they are stored, and in a reader's language.

They are stored in English, in the answer and in the review of it, and translated where someone reads them.
"""

from collections.abc import Iterable

from school_dialer.base import stored_words
from school_dialer.base.wording import Wording as _

REASONS = {
	"adult": _("An adult signed whom the letter does not name."),
	"stranger": _("The number was reported as someone else's."),
	"others": _("The number is on the record of other people."),
	"new": _("The answer counts. The number is not on the person's record yet: enter it there."),
}


def stored(why: Iterable[str]) -> str:
	"""Return the sentences of these keys of `REASONS`, as they are stored."""
	return " ".join(str(REASONS[key]) for key in why)


def translated(text: str | None) -> str:
	"""Return stored text with each of the sentences in the reader's language. Other words stay."""
	return stored_words.translated(text, REASONS.values())
