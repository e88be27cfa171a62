"""Does a text say that a student is absent or late, and for which day? Pure Python.

Fourteen languages: `languages/` has the words of each, sorted into a few classes. When in doubt it is a
message for the office: a question, a request, a negation, another day, a number that is no time, or many
words that no list has. Who is meant is never read from the words; the family chooses by number (`by_text`).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path

from school_dialer.consent.recogniser import plain_text
from school_dialer.inbound.absences.kinds import ABSENCE, ILLNESS, LATE, NOT_SAID

FOLDER = Path(__file__).parent / "languages"
LANGUAGES = ("en", "es", "pt", "fr", "ht", "vi", "tl", "so", "ru", "zh", "ko", "ar", "hi", "ur")
BY_CHARACTER = ("zh", "ko")
"""Languages read by characters, since their words are not separated, or end in many ways."""
CLASSES = (
	"doubt",
	"other_day",
	"sick",
	"absent",
	"late",
	"today",
	"tomorrow",
	"minutes",
	"filler",
)
"""If the same words are in two classes, the earlier class wins."""
TODAY, TOMORROW = 0, 1
MOST_CHARACTERS = 320
MOST_UNKNOWN, MOST_NAMES = 5, 3
"""Words that no list has. With more than the first there is doubt; with more than the second the message may
say more than an absence, and the office reads it too.
"""
UNKNOWN, NUMBER = "unknown", "number"
_TIME = re.compile(
	r"(?<![\d:.,/])(\d{1,2})(?:\s?[:h.]\s?([0-5]\d))?\s?(?:([ap])\.?\s?m\b\.?)?(?![\d:,/])", re.IGNORECASE
)
MORNING, NOON = range(7, 12), 12
AFTERNOON = range(1, 6)


@dataclass(frozen=True, slots=True)
class Intent:
	"""What a text reports.

	`kind` and `reason` are those of `kinds`. `day` is TODAY or TOMORROW. `expected` is when a student who
	comes late arrives, None if the text does not say. `whole`: the text says nothing else.
	"""

	kind: str
	day: int
	language: str
	reason: str = NOT_SAID
	expected: time | None = None
	whole: bool = True


def recognise(text: str) -> Intent | None:
	"""Return what the text reports, or None if that is not certain. Never raises."""
	if len(text) > MOST_CHARACTERS:
		return None
	plain = plain_text.own_words(plain_text.plain(text))
	clauses = plain_text.clauses(plain)
	if not clauses or any(asks for _tokens, asks in clauses):
		return None
	tokens = [token for clause, _asks in clauses for token in clause]
	readings = [reading for language in LANGUAGES if (reading := read(tokens, language))]
	if not readings:
		return None
	fewest = min(reading.count(UNKNOWN) for _language, reading in readings)
	best = [(language, reading) for language, reading in readings if reading.count(UNKNOWN) == fewest]
	meant = {meaning(text, language, reading) for language, reading in best}
	same = {(sense.kind, sense.day, sense.expected) if sense else None for sense in meant}
	return meaning(text, *best[0]) if len(same) == 1 else None


def read(tokens: list[str], language: str) -> tuple[str, list[str]] | None:
	"""Return the language and the class of each of the words, or None if none of them reports anything."""
	units = plain_text.characters(tokens) if language in BY_CHARACTER else tokens
	classes = classify(units, lexicon(language))
	return (language, classes) if {"sick", "absent", "late"} & set(classes) else None


def classify(units: list[str], words: dict[tuple[str, ...], str]) -> list[str]:
	"""Return the classes of the longest entries that the units begin with, one after the other."""
	longest, place, classes = max(map(len, words)), 0, []
	while place < len(units):
		for length in range(min(longest, len(units) - place), 0, -1):
			if kind := words.get(tuple(units[place : place + length])):
				classes.append(kind)
				place += length
				break
		else:
			classes.append(NUMBER if any(map(str.isdigit, units[place])) else UNKNOWN)
			place += 1
	return classes


@cache
def lexicon(language: str) -> dict[tuple[str, ...], str]:
	"""Return the class of each entry, in the form that messages have."""
	classes = {}
	for line in (FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines():
		kind, _colon, entries = line.partition(":")
		classes[kind.strip()] = entries.split("|")
	kinds: dict[tuple[str, ...], str] = {}
	for kind in CLASSES:
		for entry in classes.get(kind, ()):
			words = plain_text.words_of(entry)
			units = plain_text.characters(words) if language in BY_CHARACTER else words
			if units:
				kinds.setdefault(tuple(units), kind)
	return kinds


def meaning(text: str, language: str, classes: list[str]) -> Intent | None:
	"""Return what a message with words of these classes reports, or None in doubt."""
	kinds, unknown = set(classes), classes.count(UNKNOWN)
	names = 2 if language in BY_CHARACTER else 1
	if kinds & {"doubt", "other_day"} or kinds >= {"today", "tomorrow"} or unknown > MOST_UNKNOWN * names:
		return None
	late = "late" in kinds
	if late and kinds & {"sick", "absent"}:
		return None
	expected = None
	if NUMBER in kinds:
		expected = time_in(text) if late and "minutes" not in kinds else None
		if not late or (expected is None and "minutes" not in kinds):
			return None
	return Intent(
		LATE if late else ABSENCE,
		TOMORROW if "tomorrow" in kinds else TODAY,
		language,
		ILLNESS if "sick" in kinds else NOT_SAID,
		expected,
		unknown <= MOST_NAMES * names,
	)


def time_in(text: str) -> time | None:
	"""Return the one time of a school day that the text names, or None."""
	plain = unicodedata.normalize("NFKC", text)
	times = list(_TIME.finditer(plain))
	digits = "".join(character for character in plain if character.isdigit())
	if len(times) != 1 or digits != "".join(filter(None, times[0].groups()[:2])):
		return None
	hour, minute, half = int(times[0][1]), int(times[0][2] or 0), (times[0][3] or "").lower()
	if half and not 1 <= hour <= 12:
		return None
	if half:
		hour = hour % 12 + (12 if half == "p" else 0)
	elif hour in AFTERNOON:
		hour += 12
	return time(hour, minute) if hour in MORNING or NOON <= hour <= NOON + 5 else None
