"""Read every number in a field of a record, in whatever way someone wrote it.

Such a field holds what a person typed: "(home) 312-555-0199", "312 555 0123 / 312-555-0199", "ask for Ana".
A number that was overlooked there could be that of someone whom a court order bars from a child. So nothing
is overlooked: what is not a number, a label, or an extension is said to be unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from school_dialer.base import phone

LONGEST = 200
"""More characters than Frappe's Data fields have."""
LONGEST_LABEL = 2
"""Digits of what is a label or an hour and no number, as in "cell 2" and "after 5:30"."""
MOST_DIGITS = 18
"""15 of the longest number (ITU-T E.164), and those dialed for a call abroad."""
OF_PREFIX = 2
"""How many marks a zero counts as that begins another group: in "030/234567, 030/654321" it is a prefix."""
LEAST_ZEROS, LEAST_SAME = 7, 10
"""Digits of a placeholder: zeros, and others that are all the same, which also stand for a whole number."""
IN_ORDER = "1234567890"
NONE = frozenset(
	"no not none na nil null unknown without nophone nonumber notelephone "
	"ninguno ninguna desconocido sin".split()
)
"""Words that say that there is no number."""
BESIDES = frozenset(
	"a any at all on in file record listed given provided available has have phone phones telephone tel "
	"number numbers contact cell mobile home work line "
	"tiene hay teléfono telefono número numero celular".split()
)
"""Words that may stand beside them: "none on file", "no cell"."""

_groups = re.compile(r"(\+[\s(]*)?(\d+)").finditer
_extension = re.compile(r"[\s,;:(]*(?:#|x|ext(?:ension|n)?\.?)[\s:.=]*", re.IGNORECASE).fullmatch
_ends_label = re.compile(r"\s*[.):]").match
_separates = re.compile(r"[/,;&|\n]").search
# A zero that begins another group of digits may be the prefix of another number.
_may_hold_two = re.compile(r"[/,;&|\n]|[\s().-]0").search
_words = re.compile(r"[^\W\d_]+").findall


@dataclass(frozen=True, slots=True)
class Written:
	"""What a field says.

	- `numbers`: complete numbers in E.164, in their order. They may be called.
	- `named`: every number the text may mean. It has the others too: those with an extension (a call would
	  ring the switchboard), with a rest that belongs to them, or with a second reading.
	- `unread`: there is something that may be a number and cannot be read.
	"""

	numbers: tuple[str, ...] = ()
	named: tuple[str, ...] = ()
	unread: bool = False


def read(text: str | None, country: str) -> Written:
	"""Read a field. `country` (ISO code) applies to numbers without a country code."""
	if number := only(text, country):
		return Written((number,), (number,))
	return _read_text(text, country) if isinstance(text, str) and text.strip() else Written()


def only(text: str | None, country: str) -> str:
	"""Return the number in E.164 if the field holds one number and nothing else, or "".

	Where numbers have no fixed length, as in Germany, two of them look like one long number.
	"""
	try:
		number = phone.parse(text, country).e164
	except phone.InvalidNumber:
		return ""
	if number.startswith("+1") or not _may_hold_two(phone.plain(text)):
		return number
	return number if _read_text(text, country) == Written((number,), (number,)) else ""


@lru_cache(maxsize=1 << 14)
def _read_text(text: str, country: str) -> Written:
	if len(text) > LONGEST:
		return Written(unread=True)
	text = phone.plain(text)
	if _says_none(text):
		return Written()
	covers = [_Reader(run, country).cover() for run in _runs(text)]
	named = _once(number for cover in covers for number in cover.named)
	certain = {number for cover in covers for number in cover.certain}
	says_something = named or any(cover.blank for cover in covers)
	unread = not says_something or any(cover.unread for cover in covers)
	return Written(tuple(number for number in named if number in certain), named, unread)


def _says_none(text: str) -> bool:
	"""Return whether the text says that there is no number: "-", "0", "xxx-xxx-xxxx", "none on file"."""
	bare = "".join(filter(str.isalnum, text)).casefold()
	words = set(_words(text.casefold()))
	return (
		set(bare) <= {"0"}
		or set(bare) == {"x"}
		or bare in NONE
		or (bare.isalpha() and bool(words & NONE) and words <= NONE | BESIDES)
	)


def _is_placeholder(digits: str) -> bool:
	"""Return whether people type these digits where they have no number to type: 000-000-0000."""
	core = digits[1:] if len(digits) == len(IN_ORDER) + 1 and digits[0] == "1" else digits
	least = LEAST_ZEROS if core[0] == "0" else LEAST_SAME
	return core == IN_ORDER or (len(core) >= least and len(set(core)) == 1)


def _once(numbers) -> tuple[str, ...]:
	return tuple(dict.fromkeys(numbers))


@dataclass(frozen=True, slots=True)
class _Group:
	"""Digits that stand together, with a plus before them if there is one, and the marks around them."""

	digits: str
	plus: bool
	before: str
	after: str

	@property
	def is_extension(self) -> bool:
		return bool(_extension(self.before))


def _runs(text: str) -> list[list[_Group]]:
	"""Return the groups of digits, divided where letters stand between them that announce no extension."""
	groups = list(_groups(text))
	ends = [0, *(match.end() for match in groups)]
	starts = [*(match.start() for match in groups), len(text)]
	runs: list[list[_Group]] = []
	for place, match in enumerate(groups):
		before = text[ends[place] : starts[place]]
		after = text[ends[place + 1] : starts[place + 1]]
		group = _Group(match[2], bool(match[1]), before, after)
		if not runs or (any(map(str.isalpha, before)) and not group.is_extension):
			runs.append([])
		runs[-1].append(group)
	return runs


@dataclass(frozen=True, slots=True)
class _Cover:
	"""One way to read a run from a group to its end, or what several equally good ways have in common.

	- `cost`: digits that are part of no number, then signs inside a number of a second one, then numbers.
	  The least is the best.
	- `rest`: it begins with digits that belong to what precedes them.
	- `blank`: it has a placeholder for a number.
	"""

	cost: tuple[int, int, int] = (0, 0, 0)
	named: tuple[str, ...] = ()
	certain: frozenset[str] = frozenset()
	unread: bool = False
	rest: bool = False
	blank: bool = False

	def or_else(self, other: _Cover) -> _Cover:
		if self.cost != other.cost:
			return min(self, other, key=lambda cover: cover.cost)
		named = _once((*self.named, *other.named))
		unread, rest = self.unread or other.unread, self.rest or other.rest
		blank = self.blank or other.blank
		return _Cover(self.cost, named, self.certain & other.certain, unread, rest, blank)


class _Reader:
	"""Finds the best way to divide the groups of a run into numbers."""

	def __init__(self, run: Sequence[_Group], country: str):
		self.run, self.country = run, country

	def cover(self) -> _Cover:
		ends = [(_Cover(), _Cover())]
		for start in reversed(range(len(self.run))):
			ends.insert(0, (self.best(start, ends, False), self.best(start, ends, True)))
		return ends[0][0]

	def best(self, start: int, ends: list[tuple[_Cover, _Cover]], follows: bool) -> _Cover:
		"""Return the best cover from this group on. `ends` has those that begin behind it, by their distance.

		`follows`: a number precedes the group.
		"""
		cover = self.skipped(self.run[start], ends[0][False], follows)
		for place, number, signs in self.numbers(start):
			cover = cover.or_else(self.joined(number, signs, ends[place - start][True]))
		for place in self.placeholders(start):
			cover = cover.or_else(self.left_out(ends[place - start][True]))
		return cover

	@staticmethod
	def skipped(group: _Group, behind: _Cover, follows: bool) -> _Cover:
		"""Return the cover in which the group is no part of a number."""
		if follows and group.is_extension:
			return replace(behind, rest=True)
		label = len(group.digits) <= LONGEST_LABEL and (not follows or bool(_ends_label(group.after)))
		cost = (behind.cost[0] + len(group.digits), *behind.cost[1:])
		return replace(behind, cost=cost, unread=behind.unread or not label, rest=follows and not label)

	@staticmethod
	def joined(number: str, signs: int, behind: _Cover) -> _Cover:
		digits, separating, numbers = behind.cost
		return replace(
			behind,
			cost=(digits, separating + signs, numbers + 1),
			named=_once((number, *behind.named)),
			certain=behind.certain if behind.rest else behind.certain | {number},
			rest=False,
		)

	@staticmethod
	def left_out(behind: _Cover) -> _Cover:
		"""Return the cover with a placeholder before it. If the same digits are a number, that is better."""
		digits, separating, numbers = behind.cost
		return replace(behind, cost=(digits, separating, numbers + 2), rest=False, blank=True)

	def placeholders(self, start: int) -> Iterator[int]:
		"""Yield the place of the last group of each placeholder that begins here."""
		digits = ""
		for place in range(start, len(self.run)):
			group = self.run[place]
			if place > start and group.plus:
				return
			digits += group.digits
			if _is_placeholder(digits):
				yield place

	def numbers(self, start: int):
		"""Yield (place of its last group, number, signs of two in it) for the numbers that begin here."""
		written, digits, signs = "+" if self.run[start].plus else "", 0, 0
		for place in range(start, len(self.run)):
			group = self.run[place]
			if place > start:
				if group.plus:
					return
				signs += bool(_separates(group.before)) + OF_PREFIX * (group.digits[0] == "0")
				written += " "
			written, digits = written + group.digits, digits + len(group.digits)
			if digits > MOST_DIGITS:
				return
			try:
				yield place, phone.parse(written, self.country).e164, signs
			except phone.InvalidNumber:
				continue
