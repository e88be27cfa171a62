"""How typed values are spoken or written in a language: dates, times, money, phone numbers, lists, plurals.

Pure Python.
"""

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, is_currency

from school_dialer.messages.field import Money, Name
from school_dialer.messages.language import base
from school_dialer.messages.phrases import language_for, phrase
from school_dialer.messages.template.values import ByStudent, Phone

US_LOCALES = {"en": "en_US", "es": "es_US", "zh": "zh_Hans_CN"}
"""Spanish in the United States writes numbers and times the American way."""

DAY = {
	"en": "EEEE, MMMM d",
	"es": "EEEE d 'de' MMMM",
	"zh": "M月d日EEEE",
	"ar": "EEEE d MMMM",
	"vi": "EEEE, 'ngày' d 'tháng' M",
}
"""Day and month as spoken for a near date: no year. Other languages use their full form."""

LISTS = {
	"en": (", ", " and "),
	"es": (", ", " y "),
	"zh": ("、", "和"),
	"ar": (" و", " و"),
	"vi": (", ", " và "),
}
SPANISH_I = re.compile(r"h?[ií](?![aeoáéó])")
"""Before this sound "y" becomes "e": Luis e Inés, padre e hijo; but nieve y hielo."""


@lru_cache(maxsize=128)
def locale(language: str) -> Locale:
	"""Return the language's locale, its base language's, or English."""
	name = US_LOCALES.get(language.lower()) or language
	for candidate in (name.replace("-", "_"), US_LOCALES.get(base(language)) or base(language), "en_US"):
		try:
			return Locale.parse(candidate)
		except (ValueError, UnknownLocaleError):
			continue
	raise AssertionError("Babel always knows en_US")


def say(value: Any, language: str, variant: str) -> str:
	"""Return a cleaned value in its default form for this language and variant."""
	if isinstance(value, Name) and variant != "text":
		return value.spoken
	if isinstance(value, str):
		return str(value)
	if isinstance(value, tuple):
		return say_list(tuple(say(item, language, variant) for item in value), language)
	if isinstance(value, ByStudent):
		return say_by_student(
			[(say(called, language, variant), say(part, language, variant)) for called, part in value.items],
			language,
		)
	if isinstance(value, datetime):
		return format_datetime(value, "short", locale=locale(language))
	if isinstance(value, date):
		return say_date(value, language)
	if isinstance(value, time):
		return say_time(value, language)
	if isinstance(value, Money):
		return say_money(value, language, variant)
	if isinstance(value, Phone):
		return say_digits(value.number) if variant != "text" else write_phone(value.number)
	return say_number(value, language)


def say_list(items: tuple[str, ...], language: str) -> str:
	"""Join ("Ana", "Luis", "Inés") as "Ana, Luis and Inés", or as "Ana, Luis e Inés" in Spanish."""
	if len(items) == 1:
		return items[0]
	comma, last = LISTS.get(base(language)) or _babel_list(language)
	if base(language) == "es" and SPANISH_I.match(items[-1].casefold()):
		last = " e "
	return comma.join(items[:-1]) + last + items[-1]


def say_by_student(items: list[tuple[str, str]], language: str) -> str:
	"""Join [("Ana", "Grade 5"), ("Luis", "Grade 3")] as "Grade 5 for Ana and Grade 3 for Luis"."""
	spoken = language_for(language)
	phrases = tuple(phrase("of_student", spoken, value=value, student=student) for student, value in items)
	return say_list(phrases, spoken)


def _babel_list(language: str) -> tuple[str, str]:
	patterns = locale(language).list_patterns["standard"]
	two = patterns["2"].replace("{0}", "").replace("{1}", "")
	middle = patterns["middle"].replace("{0}", "").replace("{1}", "")
	return middle, two


def say_date(day: date, language: str, style: str = "") -> str:
	"""Return weekday, day and month, plus the year if ``style`` is "full"."""
	pattern = DAY.get(base(language)) if style != "full" else None
	return format_date(day, pattern or "full", locale=locale(language))


def say_time(moment: time, language: str) -> str:
	return format_time(moment, "short", locale=locale(language)).replace("\u202f", " ")


def say_number(number: int | float | Decimal, language: str) -> str:
	return format_decimal(number, locale=locale(language))


def say_money(money: Money, language: str, variant: str = "voice") -> str:
	"""Return an amount by currency name when spoken ("12.50 US dollars"), by symbol when written ("$12.50").

	Without a known currency, returns the bare number.
	"""
	if not is_currency(money.currency.upper()):
		return format_decimal(money.amount, format="#,##0.00", locale=locale(language))
	style = "standard" if variant == "text" else "name"
	written = format_currency(
		money.amount, money.currency.upper(), locale=locale(language), format_type=style
	)
	return "".join(" " if mark == "\xa0" else mark for mark in written if unicodedata.category(mark) != "Cf")


def say_digits(number: str) -> str:
	"""Spell out a phone number digit by digit, with a pause between groups: "3 1 2, 5 5 5, 0 1 4 2"."""
	return ", ".join(" ".join(group) for group in re.findall(r"\d+", write_phone(number)))


@lru_cache(maxsize=256)
def write_phone(number: str) -> str:
	"""Format a number nationally in North America, internationally elsewhere.

	Anything else is returned unchanged.
	"""
	try:
		parsed = phonenumbers.parse(number, "US")
	except phonenumbers.NumberParseException:
		return number
	if parsed.country_code == 1:
		return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
	return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def plural(value: Any, language: str, forms: dict[str, str]) -> str:
	"""Return the plural form for a count.

	``forms`` has "one" and "other", plus "zero", "two", "few" and "many" where a language has them.
	"""
	if isinstance(value, ByStudent):
		return forms["other"]
	count = value if isinstance(value, int | Decimal) else 1
	if isinstance(value, tuple):
		count = len(value)
	return forms.get(locale(language).plural_form(count)) or forms["other"]
