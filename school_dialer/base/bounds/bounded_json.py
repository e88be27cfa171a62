"""Parse JSON from outside the app only after checking its size and depth. Pure Python.

Python's parser recurses at every bracket and reads whatever it is given. Deeply nested brackets end in a
RecursionError, and a long text uses memory in proportion to its length. Here, one pass over the text counts
brackets and values before anything is parsed.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from school_dialer.base.wording import Wording as _

LONGEST = 100_000
"""Characters.

Twice the size of the largest form the app itself sends; a caller that needs more passes its own limit.
"""
DEEPEST = 20
"""Nesting levels of brackets. The app's own forms use six."""
MOST_VALUES = 10_000
"""Members of lists and objects, summed over all levels."""
_MARKS = re.compile(r'["\\\[\]{},]')


class NotRead(ValueError):
	"""The text is not valid JSON, or exceeds a limit. The message says which and quotes none of the input."""


def parse(
	text: str | bytes, longest: int = LONGEST, deepest: int = DEEPEST, most_values: int = MOST_VALUES
) -> Any:
	"""Return the value of a JSON text.

	Raise `NotRead` if it is invalid or over a limit; limits are checked before parsing.
	"""
	try:
		return json.loads(measured(text, longest, deepest, most_values))
	except NotRead:
		raise
	except (ValueError, RecursionError):
		raise NotRead(_("This is not valid JSON.")) from None


def measured(
	text: str | bytes, longest: int = LONGEST, deepest: int = DEEPEST, most_values: int = MOST_VALUES
) -> str:
	"""Return the text for another parser (bytes are decoded as UTF-8).

	Raise `NotRead` if `parse` would find it over a limit.
	"""
	if len(text) > longest:
		raise NotRead(_("This is longer than {0} characters.", longest))
	if isinstance(text, bytes):
		text = text.decode("utf-8", "replace")
	_measure(text, deepest, most_values)
	return text


def check_parsed(
	value: Any, longest: int = LONGEST, deepest: int = DEEPEST, most_values: int = MOST_VALUES
) -> Any:
	"""Return a value that other code already parsed.

	Raise `NotRead` if `parse` would have found it over a limit.
	"""
	values, characters = 0, 0
	level, depth = [value], 0
	while level:
		below = []
		for member in level:
			values += 1
			characters += len(member) if isinstance(member, str) else 0
			below.extend(_members(member))
		_allow(depth, deepest, values + len(below), most_values)
		if characters > longest:
			raise NotRead(_("This is longer than {0} characters.", longest))
		level, depth = below, depth + 1
	return value


def given(value: Any, longest: int = LONGEST, deepest: int = DEEPEST, most_values: int = MOST_VALUES) -> Any:
	"""Return the value of an argument that arrives either as JSON text or already parsed.

	Calls `parse` or `check_parsed`. Raises `NotRead` if it is invalid or over a limit.
	"""
	read = parse if isinstance(value, str | bytes) else check_parsed
	return read(value, longest, deepest, most_values)


def _members(value: Any) -> Iterator[Any]:
	if isinstance(value, dict):
		yield from value.keys()
		yield from value.values()
	elif isinstance(value, list | tuple):
		yield from value


def _measure(text: str, deepest: int, most_values: int) -> None:
	"""Count the brackets and commas outside strings."""
	depth, values, in_string, escaped = 0, 0, False, -1
	for match in _MARKS.finditer(text):
		mark, at = match.group(), match.start()
		if in_string:
			if mark == "\\" and at != escaped:
				escaped = at + 1
			elif mark == '"' and at != escaped:
				in_string = False
			continue
		if mark == '"':
			in_string = True
		elif mark in "[{":
			depth += 1
			values += 1
		elif mark in "]}":
			depth -= 1
		elif mark == ",":
			values += 1
		_allow(depth, deepest, values, most_values)


def _allow(depth: int, deepest: int, values: int, most_values: int) -> None:
	if depth > deepest:
		raise NotRead(_("More than {0} brackets stand inside one another.", deepest))
	if values > most_values:
		raise NotRead(_("There are more than {0} values.", most_values))
