"""Find the dates in a text of any shipped language. Pure Python.

All languages are looked for, because words are not always in the language they are filed under. What is not
clearly a date is not one: a question about nothing teaches people to press Yes.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from school_dialer.campaigns.plausibility import day_words
from school_dialer.campaigns.plausibility.day_words import LANGUAGES, DayWords, any_of

MOST_CHARACTERS = 20_000
MOST_MENTIONS = 50
RECENT = timedelta(days=120)
"""A date without a year this many days ago is meant as past. Before that, next year's is meant."""
MOST_YEARS = 2
_MARKS = re.compile(r"[\u0610-\u061a\u064b-\u065f\u0670\u0640\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_CODE = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}")
ALIF = str.maketrans("أإآٱ", "اااا")
_NUMERALS = re.compile(r"([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})([日号號])")
_SENTENCES = re.compile(
	r"(?<=[^\W\d_]{3})\.(?=\s|$)|(?<=\d)\.(?=\s+[^\W\d]|$)|(?<=[\])”»])\.(?=\s|$)|[!?;。！？；؟؛\n]"
)
_MODAL = frozenset({"may", "march", "mar", "sat", "sun"})
"""English words that are a month or a weekday only with a capital letter."""


@dataclass(frozen=True, slots=True)
class Mention:
	"""A date as written: `quote` is the text, `sentence` the one it stands in.

	`days` are its readings as (month, day); more than one if the order of digits is unclear.
	`last_day` ends a range of days within the month. `weekday` is 0 for Monday.
	"""

	quote: str
	sentence: str
	days: tuple[tuple[int, int], ...]
	start: int
	year: int | None = None
	weekday: int | None = None
	last_day: int | None = None


def normalized(text: str) -> str:
	"""Return the text without template code and Arabic marks, with Western digits."""
	cleaned = unicodedata.normalize("NFKC", _CODE.sub(" … ", (text or "")[:MOST_CHARACTERS]))
	digits = "".join(
		str(unicodedata.decimal(mark)) if mark.isdecimal() and not mark.isascii() else mark
		for mark in _MARKS.sub("", cleaned)
	)
	return _NUMERALS.sub(lambda match: f"{_number(match[1])}月{_number(match[2])}{match[3]}", digits)


def _number(numeral: str) -> int:
	ones = "一二三四五六七八九"
	tens, ten, rest = numeral.partition("十")
	if not ten:
		return ones.index(numeral[-1]) + 1
	return (ones.index(tens) + 1 if tens else 1) * 10 + (ones.index(rest) + 1 if rest else 0)


def sentences(text: str) -> list[str]:
	"""Return the sentences of a text that `normalized` has cleaned."""
	return [part.strip() for part in _SENTENCES.split(text) if part and part.strip()]


def mentions(text: str) -> list[Mention]:
	"""Return the dates in a text, in order, at most `MOST_MENTIONS`. Overlapping readings count once."""
	listed: list[Mention] = []
	for sentence in sentences(normalized(text)):
		taken: list[tuple[int, int]] = []
		here: list[Mention] = []
		for start, end, mention in _in_sentence(sentence):
			if not any(start < other_end and other_start < end for other_start, other_end in taken):
				taken.append((start, end))
				here.append(mention)
		listed += sorted(here, key=lambda mention: mention.start)
		if len(listed) >= MOST_MENTIONS:
			break
	return listed[:MOST_MENTIONS]


def _in_sentence(sentence: str) -> Iterator[tuple[int, int, Mention]]:
	searched = sentence.translate(ALIF)
	for words, patterns in _patterns():
		for pattern in patterns:
			for match in pattern.finditer(searched):
				if mention := _mention(match, sentence, searched, words):
					yield match.start(), match.end(), mention


@cache
def _patterns() -> tuple[tuple[DayWords, tuple[re.Pattern[str], ...]], ...]:
	named = [
		(words, tuple(day_words.compiled(pattern, words) for pattern in words.patterns))
		for words in LANGUAGES.values()
	]
	numbers = tuple(
		day_words.compiled(pattern, words) for words in LANGUAGES.values() for pattern in day_words.NUMBERS
	)
	return (*named, *((words, numbers) for words in (day_words.ENGLISH,)))


def _mention(match: re.Match, sentence: str, searched: str, words: DayWords) -> Mention | None:
	part = match.groupdict()
	month_name = part.get("m") or ""
	if month_name in _MODAL and not part.get("w"):
		return None
	days = _readings(part, words)
	if not days:
		return None
	weekday = _weekday(part.get("w") or part.get("w2"))
	if part.get("w") and _shares(searched[: match.start()], words):
		weekday = None
	year = int(part["y"]) if part.get("y") else None
	if year is not None and len(part["y"]) == 2:
		year += 2000
	return Mention(
		sentence[match.start() : match.end()].strip(" ,،、"),
		sentence,
		days,
		match.start(),
		year,
		weekday,
		int(part["d2"]) if part.get("d2") else None,
	)


def _readings(part: dict, words: DayWords) -> tuple[tuple[int, int], ...]:
	if part.get("a"):
		first, second = int(part["a"]), int(part["b"])
		orders = dict.fromkeys(((first, second), (second, first)))
		return tuple((month, day) for month, day in orders if 1 <= month <= 12 and 1 <= day <= 31)
	written = part.get("mm") or part["m"]
	month = int(written) if written.isdecimal() else _place(written, words.months) + 1
	day = int(part["d"])
	return ((month, day),) if 1 <= month <= 12 and 1 <= day <= 39 else ()


def _place(written: str, names: tuple[str, ...]) -> int:
	return next(
		place for place, name in enumerate(names) if re.fullmatch(name, written, re.IGNORECASE | re.UNICODE)
	)


def _weekday(written: str | None) -> int | None:
	if not written:
		return None
	for words in LANGUAGES.values():
		for place, name in enumerate(words.weekdays):
			if re.fullmatch(name, written, re.IGNORECASE):
				return place
	return None


def _shares(before: str, words: DayWords) -> bool:
	"""Return whether another weekday stands before, joined to this one: "Friday and Saturday, May 3"."""
	named = f"(?:{any_of(words.weekdays)})"
	pattern = rf"{named}\.?\s*{words.join}\s*(?:the\s+|el\s+|{named})?\s*$"
	return bool(re.search(pattern, before[-60:], re.IGNORECASE))


def made(year: int, month: int, day: int) -> date | None:
	"""Return the date, or None if there is no such day."""
	try:
		return date(year, month, day)
	except ValueError:
		return None


def possible_dates(mention: Mention, on: date) -> list[date]:
	"""Return the dates that a mention may mean to someone who hears it on this day, the most likely first.

	One per reading of its digits. Empty if there is no such day. With a weekday, the nearest year in which
	the weekday is right is meant; if there is none within a few months, the nearest year.
	"""
	possible = []
	for month, day in mention.days:
		if mention.year:
			candidates = [made(mention.year, month, day)]
		else:
			candidates = [made(on.year + ahead, month, day) for ahead in range(-MOST_YEARS, MOST_YEARS + 1)]
		if real := [candidate for candidate in candidates if candidate]:
			possible.append(_nearest(real, mention.weekday, on))
	return possible


def _nearest(candidates: list[date], weekday: int | None, on: date) -> date:
	def past(candidate: date) -> bool:
		return candidate < on and on - candidate <= RECENT

	near = [day for day in candidates if past(day) or on <= day <= on + timedelta(days=366)]
	agreeing = [day for day in near if weekday is not None and day.weekday() == weekday]
	coming = [day for day in agreeing if day >= on]
	if coming or agreeing:
		return (coming or agreeing)[0]
	recent = [day for day in candidates if past(day)]
	later = [day for day in candidates if day >= on]
	return min(recent or later or candidates, key=lambda day: abs(day - on))


def ends(mention: Mention, day: date) -> date:
	"""Return the last day of a range within a month, or the day itself."""
	last = mention.last_day and made(day.year, day.month, mention.last_day)
	return last if last and last >= day else day
