"""A small matcher for the patterns of `phrases`: words, word sets and gaps over the tokens of a clause.

Pure Python. A pattern is parsed once into `Element`s. Matching walks the tokens and never backs up further
than the length of a gap.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from school_dialer.consent.recogniser.words import NOT_NAMES, SETS


@dataclass(frozen=True)
class Element:
	"""One step of a pattern.

	`words` None is a gap of up to `most` tokens. `start` and `end` tie the pattern to the ends of the clause.
	`name` is any one token that may be a name.
	"""

	words: frozenset[str] | None = None
	optional: bool = False
	most: int = 0
	start: bool = False
	end: bool = False
	name: bool = False


@dataclass(frozen=True)
class Match:
	"""Where a pattern was found: the tokens from `first` up to, not including, `last`.

	`gaps` are the tokens that filled its gaps.
	"""

	first: int
	last: int
	gaps: tuple[str, ...]


@cache
def read_pattern(pattern: str) -> tuple[Element, ...]:
	return tuple(_element(part) for part in pattern.split())


def _element(part: str) -> Element:
	if part in ("^", "$"):
		return Element(start=part == "^", end=part == "$")
	if part.startswith(".."):
		return Element(most=int(part[2:]))
	if part == "NAME":
		return Element(name=True)
	optional = part.endswith("?")
	words: frozenset[str] = frozenset()
	for choice in part.rstrip("?").split("|"):
		words |= SETS.get(choice, frozenset((choice,)))
	return Element(words, optional)


def find_all(pattern: str, tokens: list[str]) -> Iterator[Match]:
	"""Yield a match for every place where `pattern` begins, the shortest one from there."""
	elements = read_pattern(pattern)
	for first in range(len(tokens)):
		span = _match(elements, tokens, first, ())
		if span:
			yield Match(first, *span)


def found(pattern: str, tokens: list[str]) -> bool:
	return next(find_all(pattern, tokens), None) is not None


def _match(
	elements: tuple[Element, ...], tokens: list[str], at: int, gaps: tuple[str, ...]
) -> tuple[int, tuple[str, ...]] | None:
	if not elements:
		return at, gaps
	element, rest = elements[0], elements[1:]
	if element.start:
		return _match(rest, tokens, at, gaps) if at == 0 else None
	if element.end:
		return _match(rest, tokens, at, gaps) if at == len(tokens) else None
	if element.name:
		fits = at < len(tokens) and tokens[at] not in NOT_NAMES and tokens[at].isalpha()
		return _match(rest, tokens, at + 1, gaps) if fits else None
	if element.words is None:
		for length in range(element.most + 1):
			if at + length > len(tokens):
				return None
			result = _match(rest, tokens, at + length, gaps + tuple(tokens[at : at + length]))
			if result:
				return result
		return None
	if at < len(tokens) and tokens[at] in element.words:
		result = _match(rest, tokens, at + 1, gaps)
		if result:
			return result
	return _match(rest, tokens, at, gaps) if element.optional else None
