"""Turns words and values into plain text. Pure Python.

`render` takes a permitted template (`syntax.parse`), the catalogue and one subject's values, and returns text
without markup: whatever speaks or sends it does its own escaping. It fails closed: an unknown field, a
missing value without a default, or a text that grew too long is an error, never a sentence with a gap in it.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined
from jinja2 import TemplateError as JinjaError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from school_dialer.base.wording import Wording as _
from school_dialer.messages import speech
from school_dialer.messages.details import in_language
from school_dialer.messages.language import direction
from school_dialer.messages.model import TEXT, Field, MissingData, Money, TemplateError, TooLong, Values
from school_dialer.messages.template.each_student_tag import STUDENTS, EachStudent
from school_dialer.messages.template.syntax import check_fields, parse
from school_dialer.messages.template.values import (
	ByStudent,
	Missing,
	Phone,
	by_student,
	printable,
	typed,
	without_emoji,
)

MAX_RENDERED = 5_000
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
ADDRESSES = ("https://", "http://")
_STRONG = {"L": "ltr", "R": "rtl", "AL": "rtl"}


@dataclass(frozen=True, slots=True)
class Rendered:
	text: str
	fields: tuple[str, ...]


def render(source: str, values: Values, fields: Mapping[str, Field], language: str, variant: str) -> Rendered:
	"""Fill one variant for one recipient.

	``values`` are as read from records (`context.read_values`); ``fields`` is the catalogue. Raises
	`TemplateError` (the words are wrong), `MissingData` (this recipient's record lacks a value) or `TooLong`.
	A text keeps its line breaks; speech has none.
	"""
	parsed = parse(source)
	check_fields(parsed, fields)
	values = in_language(values, language)
	prepared = typed(values, fields, parsed.fields)
	if parsed.each_student:
		prepared[STUDENTS] = by_student(values, fields, parsed.fields)
	try:
		filled = _compiled(source, language, variant).render(prepared)
	except JinjaError as error:
		raise TemplateError(_("The words cannot be filled in: {0}.", type(error).__name__)) from None
	if len(filled) > MAX_RENDERED:
		raise TooLong(
			_("The message has {0} characters; at most {1} can be sent.", len(filled), MAX_RENDERED)
		)
	return Rendered(_finish(filled, variant), parsed.fields)


def _finish(filled: str, variant: str) -> str:
	if variant == TEXT:
		lines = [" ".join(_printable_text(line).split()) for line in filled.splitlines()]
		return "\n".join(line for line in lines if line)
	return " ".join(without_emoji(printable(filled)).split())


def _printable_text(line: str) -> str:
	"""Return only printable characters, and our isolates.

	Cleaning has removed any isolates from the values.
	"""
	pieces = line.replace(END_ISOLATE, ISOLATE).split(ISOLATE)
	cleaned = [printable(piece) for piece in pieces]
	marks = [mark for mark in line if mark in (ISOLATE, END_ISOLATE)]
	return cleaned[0] + "".join(mark + piece for mark, piece in zip(marks, cleaned[1:], strict=True))


@lru_cache(maxsize=512)
def _compiled(source: str, language: str, variant: str):
	return _environment(language, variant).from_string(source)


@lru_cache(maxsize=64)
def _environment(language: str, variant: str) -> ImmutableSandboxedEnvironment:
	environment = ImmutableSandboxedEnvironment(
		autoescape=False,
		undefined=StrictUndefined,
		finalize=_finalizer(language, variant),
		extensions=[EachStudent],
	)
	environment.globals.clear()
	environment.tests.clear()
	environment.filters.clear()
	environment.filters.update(_filters(language, variant))
	return environment


def _finalizer(language: str, variant: str) -> Callable[[Any], str]:
	def written(value: Any) -> str:
		return _isolated(speech.say(value, language, variant), language)

	def finalize(value: Any) -> str:
		if isinstance(value, Missing):
			raise MissingData(value.name)
		if variant != TEXT:
			return speech.say(value, language, variant)
		if isinstance(value, tuple):
			return speech.say_list(tuple(written(item) for item in value), language)
		if isinstance(value, ByStudent):
			return speech.say_by_student(
				[(written(called), written(part)) for called, part in value.items], language
			)
		return written(value)

	return finalize


def _isolated(text: str, language: str) -> str:
	"""Isolate a name that runs against the sentence's direction, or digits in a right-to-left sentence.

	Otherwise they would reorder their neighbors. An address stays as it is: a telephone may take an isolate
	for a part of it.
	"""
	if text.startswith(ADDRESSES):
		return text
	runs = _direction(text)
	if runs == direction(language) or (runs is None and direction(language) == "ltr"):
		return text
	return f"{ISOLATE}{text}{END_ISOLATE}"


def _direction(text: str) -> str | None:
	return next((_STRONG[kind] for kind in map(unicodedata.bidirectional, text) if kind in _STRONG), None)


def _filters(language: str, variant: str) -> dict[str, Callable]:
	"""Return the filters.

	Each one passes through missing values, and words that a default has substituted.
	"""

	def on(kinds: tuple[type, ...], speak: Callable) -> Callable:
		def filter_(value: Any, *words: Any, **forms: Any) -> Any:
			if isinstance(value, kinds):
				return speak(value, *words, **forms)
			if isinstance(value, ByStudent):
				return ByStudent(
					tuple((called, filter_(part, *words, **forms)) for called, part in value.items)
				)
			return value

		return filter_

	def default(value: Any, other: Any) -> Any:
		return str(other) if isinstance(value, Missing) else value

	def money(value: Any, currency: Any = "") -> str:
		amount = value if isinstance(value, Money) else Money(value)
		return speech.say_money(Money(amount.amount, amount.currency or str(currency)), language, variant)

	def day(value: Any, style: Any = "") -> Any:
		if isinstance(value, tuple):
			return tuple(day(item, style) for item in value)
		return speech.say_date(value, language, str(style)) if isinstance(value, date) else value

	def digits(value: Any) -> str:
		return speech.say_digits(value.number if isinstance(value, Phone) else value)

	def plural(value: Any, one: Any, other: Any, **forms: Any) -> str:
		return speech.plural(value, language, {**forms, "one": str(one), "other": str(other)})

	return {
		"default": default,
		"date": on((date, tuple), day),
		"time": on((time,), lambda value: speech.say_time(value, language)),
		"money": on((Money, Decimal), money),
		"digits": on((Phone, str), digits),
		"list": lambda value: value,
		"plural": on((tuple, Decimal, ByStudent), plural),
		"spoken": on((str, tuple), lambda value, words: value if variant == TEXT else str(words)),
	}
