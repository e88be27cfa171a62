"""Words like "today" and "tomorrow", compared with the day on which the message is heard. Pure Python."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from school_dialer.campaigns.plausibility import dates
from school_dialer.campaigns.plausibility.day_words import CHINESE, LANGUAGES, any_of
from school_dialer.campaigns.plausibility.finding import RELATIVE, Finding, quoted

_BETWEEN = r"[\s,،、(]*(?:is\s+|es\s+|the\s+|el\s+|là\s+|是)?"


def look(text: str, on: date) -> Iterator[Finding]:
	"""Yield each "tomorrow, Friday" or "today, May 3" that is another day when heard on this day."""
	for sentence in dates.sentences(dates.normalized(text)):
		searched = sentence.translate(dates.ALIF)
		mentions = dates.mentions(sentence)
		for days, word, weekday in _patterns():
			for match in word.finditer(searched):
				meant = on + timedelta(days=days)
				beside = [mention for mention in mentions if _follows(searched, match.end(), mention.start)]
				if beside:
					right = any(meant in dates.possible_dates(mention, meant) for mention in beside)
				elif named := weekday.match(searched, match.end()):
					right = named.lastindex is not None and int(named.lastgroup[1:]) == meant.weekday()
				else:
					continue
				if not right:
					end = match.end() + (len(beside[0].quote) + 3 if beside else len(named.group()))
					yield Finding(RELATIVE, (quoted(sentence[match.start() : end]), on))


def words_in(text: str) -> list[str]:
	"""Return the words for today and tomorrow in a text, as written."""
	searched = dates.normalized(text).translate(dates.ALIF)
	return [match.group() for _days, word, _weekday in _patterns() for match in word.finditer(searched)]


def _follows(text: str, end: int, start: int) -> bool:
	return end <= start and re.fullmatch(_BETWEEN, text[end:start]) is not None


@cache
def _patterns() -> tuple[tuple[int, re.Pattern[str], re.Pattern[str]], ...]:
	patterns = []
	for words in LANGUAGES.values():
		named = "|".join(rf"(?P<w{place}>{any_of((name,))})" for place, name in enumerate(words.weekdays))
		ends = "" if words is CHINESE else r"(?!\w)"
		weekday = re.compile(rf"{_BETWEEN}(?:{named}){ends}", re.IGNORECASE)
		for days, pattern in ((0, words.today), (1, words.tomorrow)):
			patterns.append((days, re.compile(pattern, re.IGNORECASE), weekday))
	return tuple(patterns)
