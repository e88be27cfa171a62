"""JSON from outside, read with its size and depth known first. Pure Python.

Python's parser recurses with each bracket and reads whatever it is given, so a text of nested brackets ends in a RecursionError, and a
long one takes memory that grows with it. Here one pass over the text counts brackets and values before anything is parsed.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from school_dialer.wording import Wording as _

LONGEST = 100_000
"""Characters. Twice what the longest form of ours sends; a caller with a longer one says so."""
DEEPEST = 20
"""Brackets inside one another. The forms of ours have six."""
MOST_VALUES = 10_000
"""Members of lists and objects, of all levels together."""
_MARKS = re.compile(r'["\\\[\]{},]')


class NotRead(ValueError):
	"""The text is no JSON, or more of it than is read. The message says which, and quotes nothing."""


def parse(
	text: str | bytes, longest: int = LONGEST, deepest: int = DEEPEST, most_values: int = MOST_VALUES
) -> Any:
	"""The value of a JSON text. Raise `NotRead`, for one that is too large before it is parsed."""
	try:
		return json.loads(measured(text, longest, deepest, most_values))
	except NotRead:
		raise
	except (ValueError, RecursionError):
		raise NotRead(_("This is not valid JSON.")) from None


def measured(
	text: str | bytes, longest: int = LONGEST, deepest: int = DEEPEST, most_values: int = MOST_VALUES
) -> str:
	"""The text, for another parser, unless it is more than `parse` would read."""
	if len(text) > longest:
		raise NotRead(_("This is longer than {0} characters.", longest))
	if isinstance(text, bytes):
		text = text.decode("utf-8", "replace")
	_measure(text, deepest, most_values)
	return text


def check_parsed(
	value: Any, longest: int = LONGEST, deepest: int = DEEPEST, most_values: int = MOST_VALUES
) -> Any:
	"""A value that somebody else parsed, unless it is more than `parse` would have read."""
	values, characters = 0, 0
	level, depth = [value], 0
	while level:
		below = []
		for one in level:
			values += 1
			characters += len(one) if isinstance(one, str) else 0
			below.extend(_members(one))
		_allow(depth, deepest, values + len(below), most_values)
		if characters > longest:
			raise NotRead(_("This is longer than {0} characters.", longest))
		level, depth = below, depth + 1
	return value


def given(value: Any, longest: int = LONGEST, deepest: int = DEEPEST, most_values: int = MOST_VALUES) -> Any:
	"""An argument that comes as JSON text or as what was parsed of it: `parse` or `check`."""
	read = parse if isinstance(value, str | bytes) else check_parsed
	return read(value, longest, deepest, most_values)


def _members(value: Any) -> Iterator[Any]:
	if isinstance(value, dict):
		yield from value.keys()
		yield from value.values()
	elif isinstance(value, list | tuple):
		yield from value


def _measure(text: str, deepest: int, most_values: int) -> None:
	"""Count the brackets and commas outside of strings."""
	depth, values, in_string, escaped = 0, 0, False, -1
	for found in _MARKS.finditer(text):
		mark, at = found.group(), found.start()
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
