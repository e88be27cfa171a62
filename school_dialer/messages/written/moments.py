"""A moment as the public pages write it."""

from datetime import datetime

from school_dialer.messages.speech import say_date, say_time


def in_words(at: datetime, language: str) -> str:
	"""Return weekday, day, year, and time to the minute, as the language writes them."""
	return f"{say_date(at.date(), language, 'full')}, {say_time(at.time(), language)}"
