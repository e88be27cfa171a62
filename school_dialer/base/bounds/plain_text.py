"""Clean text written by outsiders: a cell of a CSV file, a name, a carrier's response. Pure Python.

Screens escape what they show (`public/js/plain_text.js`). This module covers input at the boundary, and
places where Frappe shows text without escaping it, such as chart labels. The text stays readable, and no
browser parses any part as HTML.
"""

import re

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
"""The start of a tag, a comment or a declaration.

"<3" and "a < b" do not start one (HTML standard, tokenization, tag open state).
"""
_LOOK_ALIKE = "‹"
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
"""C0 and C1 controls except tab and line breaks, and marks that change the direction of the text after them.

Joiners, which Persian and emoji need, are kept.
"""
_SPACES = re.compile(r"\s+")


def line(value: object, longest: int = 0) -> str:
	"""Return `value` as one line, or "" for None, without tags or control characters and with single spaces.

	``longest`` is the maximum number of characters; 0 means no limit.
	"""
	cleaned = _SPACES.sub(" ", text(value)).strip()
	return cleaned[:longest] if longest else cleaned


def text(value: object) -> str:
	"""Return `value` with its line breaks and tabs but no tags or other control characters.

	None gives "".
	"""
	return untagged(_CONTROLS.sub("", "" if value is None else str(value)))


def untagged(written: str) -> str:
	"""Return the text with a look-alike in place of each character that would open a tag.

	Nothing else changes.
	"""
	return _TAG.sub(_LOOK_ALIKE, written)
