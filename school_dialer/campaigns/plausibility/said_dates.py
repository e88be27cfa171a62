"""Dates in the words that are past, that do not exist, or whose weekday is another. Pure Python."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from school_dialer.campaigns.plausibility import dates
from school_dialer.campaigns.plausibility.dates import Mention
from school_dialer.campaigns.plausibility.day_words import LANGUAGES
from school_dialer.campaigns.plausibility.finding import NO_SUCH_DAY, PAST, WEEKDAY, Finding, quoted


def look(text: str, on: date) -> Iterator[Finding]:
	"""Yield what is wrong with the dates of a text that is heard on this day.

	A past date is no mistake in a sentence about something that is over, or beside a date that is to come.
	"""
	mentions = dates.mentions(text)
	coming = set()
	for mention in mentions:
		if any(dates.ends(mention, day) >= on for day in dates.possible_dates(mention, on)):
			coming.add(mention.sentence)
	for mention in mentions:
		if wrong := judged(mention, on, mention.sentence in coming):
			yield wrong


def judged(mention: Mention, on: date, beside_coming: bool) -> Finding | None:
	"""Return what is wrong with one date, or None. A reading that is right is enough."""
	days = dates.possible_dates(mention, on)
	if not days:
		return Finding(NO_SUCH_DAY, (quoted(mention.quote),))
	if mention.weekday is not None and all(day.weekday() != mention.weekday for day in days):
		return Finding(WEEKDAY, (quoted(mention.quote), days[0]))
	agreeing = [day for day in days if mention.weekday in (None, day.weekday())]
	if any(dates.ends(mention, day) >= on for day in agreeing) or beside_coming or is_over(mention.sentence):
		return None
	return Finding(PAST, (quoted(mention.quote), agreeing[0]))


def is_over(sentence: str) -> bool:
	"""Return whether a sentence speaks of something that is over, or of a change of date."""
	searched = sentence.translate(dates.ALIF)
	return any(pattern.search(searched) for pattern in _over())


@cache
def _over() -> tuple[re.Pattern[str], ...]:
	return tuple(re.compile(words.over, re.IGNORECASE) for words in LANGUAGES.values())
