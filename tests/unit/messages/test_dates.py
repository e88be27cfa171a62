"""Dates are said in the other language by rule, or stay as they are written."""

import pytest

from school_dialer.messages import dates
from school_dialer.messages.dates import said_in


@pytest.mark.parametrize(
	("written", "language", "said"),
	[
		("Monday", "es", "lunes"),
		("March 9", "es", "9 de marzo"),
		("March 9", "fr", "9 mars"),
		("March 9th", "zh", "3月9日"),
		("Monday, March 9", "es", "lunes 9 de marzo"),
		("monday march 9", "vi", "Thứ Hai, ngày 9 tháng 3"),
		("March 9, 2026", "es", "9 de marzo de 2026"),
		("Monday, March 9, 2026", "es", "lunes, 9 de marzo de 2026"),
		("6:00 PM", "zh", "18:00"),
		("12 a.m.", "zh", "00:00"),
	],
)
def test_what_is_said(written, language, said):
	assert said_in(written, "en", language) == said


@pytest.mark.parametrize(
	("written", "language"),
	[
		("February 30", "es"),
		("Tuesday, March 9, 2026", "es"),
		("Monday, March 9", "fr"),
		("March 9", "ht"),
		("March 9", "xx-none"),
		("13:00 PM", "es"),
		("Room 9", "es"),
	],
)
def test_what_stays_as_it_is_written(written, language):
	assert said_in(written, "en", language) == written


def test_spanish_dates_are_found():
	assert said_in("lunes, 9 de marzo de 2026", "es", "en") == "Monday, March 9, 2026"
	assert said_in("9 de marzo", "es", "en") == "March 9"


@pytest.mark.parametrize("written", ["March 9-12", "Mondays", "Marching 9", "March 99"])
def test_what_is_no_date(written):
	found = dates.pattern("en").search(written)
	assert found is None or said_in(found[0], "en", "es") == found[0]


@pytest.mark.parametrize("language", ["zh", "vi", "ja", "xx-none"])
def test_a_language_whose_months_are_numbers_has_only_numbers(language):
	assert dates.pattern(language) is None
