"""Sentences that code stores in a record, and that people read there later, each in their own language.

They are stored in English. A room names its sentences as `Wording`, with {0} for a value, and gives them to
`translated` where someone reads the record. Other words, and sentences that are not named, stay as stored.
"""

import re
from collections.abc import Iterable
from functools import lru_cache, partial

import frappe

from school_dialer.base.wording import Wording

ANYTHING, NO_PERIOD = ".+?", r"[^.\s](?:[^.]*?[^.\s])?"
"""What a value may be. In a text of several sentences a value with a period could hold one of them."""


def translated(text: str | None, sentences: Iterable[Wording]) -> str:
	"""Return stored text with each of these sentences in the reader's language."""
	text, sentences = text or "", tuple(sentences)
	if not series_of(sentences).fullmatch(text):
		for sentence in sentences:
			if match := pattern_of(sentence, ANYTHING).fullmatch(text):
				return said(sentence, match)
	for sentence in sentences:
		text = pattern_of(sentence, NO_PERIOD).sub(partial(said, sentence), text)
	return text


def said(sentence: Wording, match: re.Match) -> str:
	values = {int(name[1:]): value for name, value in match.groupdict().items()}
	return frappe._(str(sentence)).format(*(values[place] for place in sorted(values)))


@lru_cache(maxsize=256)
def pattern_of(sentence: Wording, value: str) -> re.Pattern:
	parts = re.split(r"\{(\d+)\}", str(sentence))
	written = (f"(?P<v{part}>{value})" if place % 2 else re.escape(part) for place, part in enumerate(parts))
	return re.compile("".join(written), re.DOTALL)


@lru_cache(maxsize=16)
def series_of(sentences: tuple[Wording, ...]) -> re.Pattern:
	"""Return the pattern of one or several of these sentences and nothing else."""
	each = (re.sub(r"\?P<v\d+>", "?:", pattern_of(sentence, NO_PERIOD).pattern) for sentence in sentences)
	pattern = f"(?:{'|'.join(each)})"
	return re.compile(f"{pattern}(?: {pattern})*")
