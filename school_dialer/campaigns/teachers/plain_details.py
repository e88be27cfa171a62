"""What the details of a teacher's message may not hold, whatever they are about. Pure Python."""

import re
from collections.abc import Iterable

from school_dialer.base.wording import Wording
from school_dialer.base.wording import Wording as _

LONGEST = 300
"""Characters. Half a minute when read aloud."""
_CODE = re.compile(r"\{[{%#]|[}%#]\}|<[A-Za-z/!?]")
_ADDRESS = re.compile(r"https?:|www\.|\w@\w|\b[\w-]+\.(?:com|org|net|edu|gov|io|info|me|ly|us|co)\b", re.I)
_NUMBER = re.compile(r"\+?\d(?:[\s().-]*\d){6,}")
_WORD = re.compile(r"[^\W\d_]+")


def problem(words: str) -> Wording | None:
	"""Return why these words are refused, or None.

	That is for template code and tags, more than `LONGEST` characters, and links, addresses and telephone
	numbers: families answer to the school.
	"""
	if _CODE.search(words):
		return _("Write the details as plain words, without brackets and code.")
	if len(words) > LONGEST:
		return _("The details have {0} characters at most.", LONGEST)
	if _ADDRESS.search(words) or _NUMBER.search(words):
		return _("Leave links, addresses and telephone numbers out. Families answer to the school.")
	return None


def names_one_of(words: str, people: Iterable[str]) -> bool:
	"""Return True if the words hold the whole name of one of these people, or first and last name together.

	A first name alone may be anyone's.
	"""
	plain = f" {' '.join(_WORD.findall(words.casefold()))} "
	for name in people:
		parts = _WORD.findall(name.casefold())
		forms = (" ".join(parts), f"{parts[0]} {parts[-1]}") if len(parts) > 1 else ()
		if any(f" {form} " in plain for form in forms):
			return True
	return False
