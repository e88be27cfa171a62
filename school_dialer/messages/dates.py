"""Dates in running words: found in one language, and said in another by rule. Pure Python.

A translator never sees them. A date whose form the other language lacks here stays as it is written, and so
does one that is no date, such as February 30, or whose weekday is another one.
"""

import re
from datetime import date, time
from functools import lru_cache

from babel.dates import format_date

from school_dialer.messages import speech
from school_dialer.messages.language import base, known_locale

LEAP_YEAR = 2024
YEARS = range(LEAP_YEAR - 28, LEAP_YEAR + 1)
"""Each day of the year falls on each weekday in some of them."""
CLOCK = re.compile(r"\b(\d{1,2})(?::(\d\d))? ?([ap])(?:\.m\.|m\b)", re.IGNORECASE)
WEEKDAY = re.compile(r",? ?EEEE,? ?")


@lru_cache(maxsize=32)
def pattern(language: str) -> re.Pattern | None:
	"""Return what finds the dates of a language that names its months: "Monday, March 9, 2026", "Monday"."""
	locale = known_locale(language)
	months = locale.months["format"]["wide"].values() if locale else ()
	if not months or any(not name.isalpha() or name.lower() == name.upper() for name in months):
		return None
	days, months = (_either(names["format"]["wide"]) for names in (locale.days, locale.months))
	day, year = r"(?P<day>\d{1,2})(?:st|nd|rd|th|º|\.)?", r"(?P<year>\d{4})"
	if base(language) == "en":
		dated = rf"(?P<month>{months}) {day}(?:,? {year})?"
	else:
		dated = rf"{day}(?: de)? (?P<month>{months})(?:(?: del?)? {year})?"
	return re.compile(
		rf"\b(?:(?:(?P<weekday>{days}),? )?{dated}|(?P<alone>{days}))\b(?![-/\d])", re.IGNORECASE
	)


def _either(names: dict) -> str:
	return "|".join(sorted(map(re.escape, names.values()), key=len, reverse=True))


def said_in(written: str, source: str, target: str) -> str:
	"""Return a date or time of day in the other language, or as it is written."""
	if match := CLOCK.fullmatch(written):
		return _time(match, target) or written
	dates = pattern(source)
	match = dates and dates.fullmatch(written)
	return (match and known_locale(target) and _date(match, source, target)) or written


def _time(match: re.Match, target: str) -> str | None:
	hour, minute = int(match[1]), int(match[2] or 0)
	if not 1 <= hour <= 12 or minute > 59 or not known_locale(target):
		return None
	return speech.say_time(time(hour % 12 + (12 if match[3].lower() == "p" else 0), minute), target)


def _date(match: re.Match, source: str, target: str) -> str | None:
	if match["alone"]:
		return known_locale(target).days["format"]["wide"][_place("days", match["alone"], source)]
	month, day = _place("months", match["month"], source), int(match["day"])
	weekday = _place("days", match["weekday"], source) if match["weekday"] else None
	day_written = _day(month, day, int(match["year"]) if match["year"] else None, weekday)
	form = _form(target, bool(match["year"]), weekday is not None)
	return format_date(day_written, form, locale=speech.locale(target)) if day_written and form else None


def _place(kind: str, name: str, language: str) -> int:
	names = getattr(known_locale(language), kind)["format"]["wide"]
	return next(place for place, written in names.items() if written.casefold() == name.casefold())


def _day(month: int, day: int, year: int | None, weekday: int | None) -> date | None:
	"""Return such a day: of the year that is written, or of one in which it falls on this weekday."""
	years = YEARS if weekday is not None else (LEAP_YEAR,)
	for possible_year in (year,) if year else years:
		try:
			day_found = date(possible_year, month, day)
		except ValueError:
			continue
		if weekday in (None, day_found.weekday()):
			return day_found
	return None


def _form(target: str, year: bool, weekday: bool) -> str | None:
	if year:
		return "full" if weekday else "long"
	spoken = speech.DAY.get(base(target))
	if spoken:
		return spoken if weekday else WEEKDAY.sub("", spoken)
	skeleton = None if weekday else known_locale(target).datetime_skeletons.get("MMMMd")
	return skeleton.pattern if skeleton else None
