"""Texts about absence reports: the question, and what became of it. Pure Python. Also how days are written.

They answer what a guardian wrote. A child is an initial in them, never a name: a text about attendance that
names a student holds a record (34 CFR 99.3), and anyone who sees the phone may read it.
"""

from collections.abc import Sequence
from datetime import date, time

from school_dialer.messages.model import School
from school_dialer.messages.phrases import language_for, phrase
from school_dialer.messages.speech import say_date, say_list, say_time
from school_dialer.messages.text import framed

LATE = "Late arrival"


def ask(school: School, kind: str, day: date, labels: Sequence[str], language: str = "") -> str:
	"""Return the question for whom something is reported on this day. `labels` stand for the children."""
	spoken = language_for(language, school.language)
	key = "absence_ask_late" if kind == LATE else "absence_ask"
	choices = [
		phrase("text_reply", spoken, digit=str(place), label=label) for place, label in enumerate(labels, 1)
	]
	none = phrase("text_reply", spoken, digit="0", label=phrase("absence_none", spoken))
	return framed(school, phrase(key, spoken, day=say_date(day, spoken)), *choices, none)


def noted(
	school: School, kind: str, day: date, labels: Sequence[str], at: time | None, language: str = ""
) -> str:
	"""Return the confirmation of reports. `at` is when a late student is expected."""
	spoken = language_for(language, school.language)
	child, on = say_list(tuple(labels), spoken), say_date(day, spoken)
	answer = (
		phrase("absence_noted_late", spoken, child=child, day=on, time=say_time(at, spoken))
		if kind == LATE and at
		else phrase("absence_noted", spoken, child=child, day=on)
	)
	return framed(school, answer, phrase("absence_undo", spoken))


def shown_days(first: date, last: date, language: str) -> str:
	"""Return the days of a report, as its page lists them."""
	days = (say_date(day, language) for day in dict.fromkeys((first, last)))
	return " – ".join(days)


def shown_time(at: time, language: str) -> str:
	return say_time(at, language)


def taken_back(school: School, language: str = "") -> str:
	"""Return the confirmation that reports were withdrawn."""
	return framed(school, phrase("absence_taken_back", language_for(language, school.language)))


def not_reported(school: School, language: str = "") -> str:
	"""Return what is said when nothing was reported, and the office reads the message."""
	return framed(school, phrase("absence_not_reported", language_for(language, school.language)))
