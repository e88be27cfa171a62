from datetime import date, time
from decimal import Decimal

import pytest

from school_dialer.messages import speech
from school_dialer.messages.field import Money
from school_dialer.messages.template.values import Phone


@pytest.mark.parametrize(
	"language, items, expected",
	[
		("en", ("Ana",), "Ana"),
		("en", ("Ana", "Luis"), "Ana and Luis"),
		("en-GB", ("Ana", "Luis", "Eva"), "Ana, Luis and Eva"),
		("es", ("Ana", "Luis", "Eva"), "Ana, Luis y Eva"),
		("es-MX", ("Luis", "Inés"), "Luis e Inés"),
		("es", ("Luis", "Hilda"), "Luis e Hilda"),
		("es", ("nieve", "hielo"), "nieve y hielo"),
		("es", ("Ana", "Iago"), "Ana y Iago"),
		("zh", ("小明", "小红", "小华"), "小明、小红和小华"),
		("ar", ("علي", "سارة"), "علي وسارة"),
		("vi", ("Lan", "Minh", "Hoa"), "Lan, Minh và Hoa"),
		("fr", ("Ana", "Luis", "Eva"), "Ana, Luis et Eva"),
		("xx-nonsense!", ("Ana", "Luis"), "Ana and Luis"),
	],
)
def test_lists_are_joined_as_the_language_does(language, items, expected):
	assert speech.say_list(items, language) == expected


@pytest.mark.parametrize(
	"language, expected",
	[
		("en", "Monday, March 9"),
		("es", "lunes 9 de marzo"),
		("zh", "3月9日星期一"),
		("ar", "الاثنين 9 مارس"),
		("vi", "Thứ Hai, ngày 9 tháng 3"),
		("fr", "lundi 9 mars 2026"),
	],
)
def test_dates_are_said_without_the_year_where_that_is_idiomatic(language, expected):
	assert speech.say_date(date(2026, 3, 9), language) == expected


def test_a_full_date_has_its_year():
	assert speech.say_date(date(2026, 3, 9), "en", "full") == "Monday, March 9, 2026"


@pytest.mark.parametrize("language, expected", [("en", "6:30PM"), ("es", "6:30p.m."), ("vi", "18:30")])
def test_times_whatever_the_spaces_of_this_locale_data(language, expected):
	assert "".join(speech.say_time(time(18, 30), language).split()) == expected


@pytest.mark.parametrize(
	"number, expected",
	[
		("+13125550142", "3 1 2, 5 5 5, 0 1 4 2"),
		("(312) 555-0142", "3 1 2, 5 5 5, 0 1 4 2"),
		("+442071838750", "4 4, 2 0, 7 1 8 3, 8 7 5 0"),
		("311", "3 1 1"),
		("ext. 42", "4 2"),
	],
)
def test_telephone_numbers_are_said_digit_by_digit(number, expected):
	assert speech.say_digits(number) == expected


def test_a_telephone_number_is_written_in_a_text_and_spelled_in_a_call():
	assert speech.say(Phone("+13125550142"), "en", "text") == "(312) 555-0142"
	assert speech.say(Phone("+13125550142"), "en", "voice") == "3 1 2, 5 5 5, 0 1 4 2"


@pytest.mark.parametrize(
	"money, language, variant, expected",
	[
		(Money(Decimal("12.5"), "USD"), "en", "voice", "12.50 US dollars"),
		(Money(Decimal("12.5"), "usd"), "en", "text", "$12.50"),
		(Money(Decimal("1200"), "USD"), "es", "voice", "1,200.00 dólares estadounidenses"),
		(Money(Decimal("12.5"), ""), "en", "voice", "12.50"),
		(Money(Decimal("12.5"), "NOT A CURRENCY"), "en", "voice", "12.50"),
	],
)
def test_money(money, language, variant, expected):
	assert speech.say_money(money, language, variant) == expected


@pytest.mark.parametrize(
	"value, language, expected",
	[
		(("Ana",), "en", "was"),
		(("Ana", "Luis"), "en", "were"),
		(Decimal(1), "en", "was"),
		(Decimal(0), "en", "were"),
		(("a", "b"), "zh", "were"),
		(("a", "b"), "ar", "dual"),
		(("a", "b", "c"), "ar", "were"),
	],
)
def test_plurals_follow_the_language(value, language, expected):
	assert speech.plural(value, language, {"one": "was", "other": "were", "two": "dual"}) == expected
