"""Dates in words: past, of another weekday, and not there at all; and nothing asked about ordinary words."""

from datetime import date, timedelta

import pytest
from babel.dates import format_date
from hypothesis import example, given
from hypothesis import strategies as st

from school_dialer.campaigns.plausibility import dates, relative_days, said_dates
from school_dialer.campaigns.plausibility.finding import NO_SUCH_DAY, PAST, RELATIVE, WEEKDAY
from school_dialer.messages.speech import say_date
from tests.unit.campaigns.plausibility.ordinary import MONDAY, ORDINARY

LANGUAGES = ("en", "es", "vi", "zh", "ar")
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
LEADING = {
	"en": "The concert is on {0}.",
	"es": "El concierto es el {0}.",
	"vi": "Buổi hòa nhạc vào {0}.",
	"zh": "音乐会在{0}举行。",
	"ar": "الحفل يوم {0}.",
}


def codes(text: str, on: date = MONDAY) -> list[str]:
	return [one.code for one in (*said_dates.look(text, on), *relative_days.look(text, on))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_ordinary_words_ask_nothing(language):
	found = {text: codes(text) for text in ORDINARY[language] if codes(text)}
	assert found == {}


@pytest.mark.parametrize("language", LANGUAGES)
@given(on=DAYS, ahead=st.integers(0, 240))
@example(on=date(2027, 12, 31), ahead=60)
def test_a_day_to_come_with_its_weekday_asks_nothing(language, on, ahead):
	day = on + timedelta(days=ahead)
	for style in ("", "full"):
		assert codes(LEADING[language].format(say_date(day, language, style)), on) == []


@pytest.mark.parametrize("language", LANGUAGES)
@given(on=DAYS, ahead=st.integers(0, 240), off=st.integers(1, 6))
def test_another_weekday_is_asked_about(language, on, ahead, off):
	day = on + timedelta(days=ahead)
	right, wrong = (say_date(day + timedelta(days=days), language, "full") for days in (0, off))
	weekday = weekday_in(language, day), weekday_in(language, day + timedelta(days=off))
	said = right.replace(*weekday)
	assert said != right, (right, wrong)
	assert codes(LEADING[language].format(said), on) == [WEEKDAY]


def weekday_in(language: str, day: date) -> str:
	return format_date(day, "EEEE", locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
@given(on=DAYS, ago=st.integers(1, 3000))
def test_a_past_day_with_its_year_is_asked_about(language, on, ago):
	day = on - timedelta(days=ago)
	if day.year < 2000:
		return
	assert codes(LEADING[language].format(say_date(day, language, "full")), on) == [PAST]


@given(on=DAYS, ago=st.integers(1, 100))
def test_a_recent_day_without_a_year_is_past(on, ago):
	day = on - timedelta(days=ago)
	assert codes(f"The concert is on {day:%B} {day.day}.", on) == [PAST]


@given(st.text(max_size=400), DAYS)
def test_no_text_is_too_strange(text, on):
	for one in said_dates.look(text, on):
		assert one.key
	relative_days.words_in(text)


@given(st.text("0123456789/.-, 年月日ndaymayjueth(", max_size=200), DAYS)
def test_nothing_like_a_date_is_too_strange(text, on):
	assert all(one.code in (PAST, WEEKDAY, NO_SUCH_DAY, RELATIVE) for one in said_dates.look(text, on))


@pytest.mark.parametrize(
	("text", "found"),
	[
		("Friday, May 3, is the field day.", [WEEKDAY]),
		("Come on Wednesday, December 4.", [WEEKDAY]),
		("Return the form by February 30.", [NO_SUCH_DAY]),
		("Return the form by April 31, 2027.", [NO_SUCH_DAY]),
		("The dance is on November 20.", [PAST]),
		("The dance was on November 20.", []),
		("It opens on November 20 in [ROOM]. It closes on December 4.", [PAST]),
		("The dance is on 11/20/2026.", [PAST]),
		("El baile es el 20 de noviembre.", [PAST]),
		("Vuelva el miércoles 4 de diciembre.", [WEEKDAY]),
		("Lễ hội vào ngày 20 tháng 11.", [PAST]),
		("Lễ hội vào thứ Tư, ngày 4 tháng 12.", [WEEKDAY]),
		("舞会在11月20日举行。", [PAST]),
		("舞会在12月4日（星期三）举行。", [WEEKDAY]),
		("الحفل يوم 20 نوفمبر.", [PAST]),
		("الحفل يوم الأربعاء 4 ديسمبر.", [WEEKDAY]),
		("Tomorrow, Friday, there is no school.", [RELATIVE]),
		("Today, December 3, school closes at noon.", [RELATIVE]),
		("Mañana viernes no hay clases.", [RELATIVE]),
		("Ngày mai, thứ Sáu, trường nghỉ.", [RELATIVE]),
		("明天星期五停课。", [RELATIVE]),
		("غداً الجمعة لا توجد دراسة.", [RELATIVE]),
	],
)
def test_known_slips(text, found):
	assert codes(text) == found


def test_a_year_old_text_is_past_by_its_weekday():
	"""Last spring's date fits its weekday; next spring's does not."""
	assert codes("The fair is on Sunday, May 3.", date(2026, 5, 20)) == [PAST]


def test_the_quote_is_what_is_written():
	(one,) = said_dates.look("Please come on Wednesday, December 4, at six.", MONDAY)
	assert one.values == ("Wednesday, December 4", date(2026, 12, 4))


def test_a_long_text_is_read_to_its_bound():
	text = "The concert is on November 20. " * 5000
	assert len(dates.mentions(text)) == dates.MOST_MENTIONS
