"""Clean a line of text that outsiders wrote: a cell of a CSV file, a name, what a carrier answered. Pure Python.

Screens escape what they show (`public/js/plain_text.js`). This is for the edge, and for what Frappe shows without escaping it, such as the
labels of a chart: the text stays readable, and no browser takes any of it for HTML.
"""

import re

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
"""What opens a tag, a comment or a declaration; "<3" and "a < b" open none (HTML standard, tokenization, tag open state)."""
_LOOK_ALIKE = "‹"
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
"""C0 and C1 controls but tab and line breaks, and marks that turn the direction of what follows. Joiners, which Persian and emoji
need, stay."""
_SPACES = re.compile(r"\s+")


def line(value: object, longest: int = 0) -> str:
	"""`value` as one line, "" for None: no tag, no control character, single spaces, at most `longest` characters (0 for any number)."""
	cleaned = _SPACES.sub(" ", text(value)).strip()
	return cleaned[:longest] if longest else cleaned


def text(value: object) -> str:
	"""`value` with its line breaks and tabs, "" for None: no tag and no other control character."""
	return untagged(_CONTROLS.sub("", "" if value is None else str(value)))


def untagged(written: str) -> str:
	"""The text with a look-alike for each character that would open a tag, and nothing else changed."""
	return _TAG.sub(_LOOK_ALIKE, written)
