"""Cleans and types field values: from what records hold to what can be spoken. Pure Python.

Records hold HTML, control characters, "None" from an old import, and emoji. A cleaned value is plain text, a
number, a date, a time, `Money`, `Phone`, a tuple of texts or dates, or a `ByStudent` of them. A value that
says nothing becomes `Missing`.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from school_dialer.messages.field import Field, Money, Name, PerStudent, Values, each_of

MAX_LENGTH = 500
MAX_ITEMS = 50
PLACEHOLDERS = frozenset({"none", "null", "nan", "inf", "-inf", "undefined", "n/a", "#n/a"})
"""What old imports and spreadsheets leave where there is no value."""

_SCRIPT = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_EMOJI = re.compile(
	"[\U0001f000-\U0001faff\U0001fc00-\U0001fffd\u2600-\u27bf\u2b00-\u2bff"
	"\u231a-\u23ff\ufe0e\ufe0f\u20e3\U000e0020-\U000e007f]"
)
_EMOJI_JOINER = re.compile(f"(?<={_EMOJI.pattern})\u200d")
_JOINERS = "\u200c\u200d"
"""ZWNJ and ZWJ shape Persian and Indic words. Every other format character is dropped."""


@dataclass(frozen=True, slots=True)
class Phone:
	number: str


@dataclass(frozen=True, slots=True)
class ByStudent:
	"""Values that differ between the students of one household, each with what to call its student."""

	items: tuple[tuple[Name, Any], ...]


@dataclass(frozen=True, slots=True)
class Students:
	"""Each student's own values, cleaned: one row per student, or a single row if there is no student."""

	rows: list[dict[str, Any]]
	own: frozenset[str]
	"""The fields that each student has their own value for."""
	names: frozenset[str]
	"""Those among them that only name a student."""

	def having_any(self, needed: Iterable[str]) -> list[dict[str, Any]]:
		"""Return the rows with a value for some of these fields.

		Names do not count if there are other fields, since every student has a name.
		"""
		relevant = self.own.intersection(needed)
		significant = relevant - self.names or relevant
		return [
			row
			for row in self.rows
			if not significant or any(not isinstance(row[name], Missing) for name in significant)
		]


class Missing:
	"""A placeholder for a value that a record lacks: false in an if, an error when spoken."""

	__slots__ = ("name",)

	def __init__(self, name: str):
		self.name = name

	def __bool__(self) -> bool:
		return False


def clean(text: str) -> str:
	"""Return plain text: no markup, no control or bidirectional characters, single spaces, NFC."""
	if "<" in text or "&" in text:
		text = _TAG.sub(" ", _SCRIPT.sub(" ", text))
		text = _TAG.sub(" ", _SCRIPT.sub(" ", html.unescape(text)))
	return " ".join(printable(unicodedata.normalize("NFC", text)).split())


def printable(text: str) -> str:
	"""Drop what is neither visible nor white space, and what XML cannot carry."""
	if text.isascii() and text.isprintable():
		return text
	return "".join(character for character in text if _keeps(character))


def _keeps(character: str) -> bool:
	if character in "\n\t" or character in _JOINERS:
		return True
	category = unicodedata.category(character)
	return category not in ("Cc", "Cf", "Cs", "Co", "Cn")


def without_emoji(text: str) -> str:
	"""Remove emoji for speech: a voice would read "grinning face" aloud."""
	if text.isascii() or not _EMOJI.search(text):
		return text
	bare = _EMOJI.sub("", _EMOJI_JOINER.sub("", text))
	return re.sub(r"\s+(?=[,.;:!?])", "", bare)


def typed(values: Values, fields: Mapping[str, Field], names: Iterable[str]) -> dict[str, Any]:
	"""Return the named values, cleaned by their fields' types, or `Missing` for each that says nothing.

	The values of several students are combined so that no student's value can be mistaken for another's.
	Names become a list. A value that all of them share is given once, except for amounts and numbers.
	Anything else becomes a `ByStudent`.
	"""
	return {name: _typed(fields[name], values.get(name)) for name in names}


def by_student(values: Values, fields: Mapping[str, Field], names: Iterable[str]) -> Students:
	"""Return what `typed` does, for each student separately, and for each record of several."""
	names = tuple(names)
	own = {name: value for name in names if isinstance(value := values.get(name), PerStudent)}
	shared = typed(values, fields, (name for name in names if name not in own))
	keys = dict.fromkeys(key for value in own.values() for key, _called, _value in value.items)
	rows = []
	for student in keys:
		for record in _records([each_of(value.of(student)) for value in own.values()]):
			single = {name: _single(fields[name], value) for name, value in zip(own, record, strict=True)}
			rows.append(shared | single)
	if not rows:
		rows = [typed(values, fields, names)]
	return Students(rows, frozenset(own), frozenset(name for name in own if fields[name].type == "name"))


def _records(values: list[tuple]) -> Iterator[tuple]:
	"""Yield one student's values of all fields, record by record. One value stands for all records."""
	for place in range(max(map(len, values), default=0)):
		yield tuple(_at(of_field, place) for of_field in values)


def _at(values: tuple, place: int) -> Any:
	if len(values) == 1:
		return values[0]
	return values[place] if place < len(values) else None


def _typed(field: Field, value: Any) -> Any:
	if not isinstance(value, PerStudent):
		return _single(field, value)
	converted = [
		(called, _single(field, part)) for _key, called, all_ in value.items for part in each_of(all_)
	]
	having = [(called, part) for called, part in converted if not isinstance(part, Missing)]
	return _combined(field, having, len(converted)) if having else Missing(field.name)


def _combined(field: Field, having: list[tuple[Any, Any]], count: int) -> Any:
	"""Combine the values there are. ``count``: those that are missing included."""
	if field.type == "name":
		return tuple(name for _called, names in having for name in names)
	if count == 1:
		return having[0][1]
	first = having[0][1]
	if field.type not in ("number", "money") and len(having) == count:
		if all(part == first for _called, part in having):
			return first
	called = [(_text(name), part) for name, part in having]
	return ByStudent(tuple(called)) if all(name for name, _one in called) else Missing(field.name)


def _single(field: Field, value: Any) -> Any:
	converted = _CONVERT[field.type](value)
	if field.per_student and field.type == "name" and isinstance(converted, str):
		converted = (converted,)
	return Missing(field.name) if converted is None else converted


def _text(value: Any) -> str | None:
	if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
		return None
	if isinstance(value, int) and value.bit_length() > 128:
		return None
	text = clean(str(value)[: MAX_LENGTH * 4])[:MAX_LENGTH].strip()
	if text.casefold() in PLACEHOLDERS or not any(character.isalnum() for character in text):
		return None
	if isinstance(value, Name) and (spoken := _text(value.spoken)):
		return Name(text, spoken)
	return text


def _list(value: Any) -> tuple[str, ...] | None:
	if isinstance(value, str):
		value = (value,)
	if not isinstance(value, list | tuple):
		return None
	items = dict.fromkeys(text for item in value[:MAX_ITEMS] if (text := _text(item)))
	return tuple(items) or None


def _name(value: Any) -> str | tuple[str, ...] | None:
	return _list(value) if isinstance(value, list | tuple) else _text(value)


def _dates(value: Any) -> tuple[date, ...] | None:
	if not isinstance(value, list | tuple):
		value = (value,)
	return tuple(sorted({day for item in value[:MAX_ITEMS] if (day := _date(item))})) or None


def _date(value: Any) -> date | None:
	if isinstance(value, datetime):
		return value.date()
	if isinstance(value, date):
		return value
	return _parsed(value, lambda text: date.fromisoformat(text[:10]))


def _time(value: Any) -> time | None:
	if isinstance(value, datetime):
		return value.time()
	if isinstance(value, time):
		return value
	if isinstance(value, timedelta):
		return (datetime.min + value).time() if timedelta(0) <= value < timedelta(days=1) else None
	return _parsed(
		value,
		lambda text: time.fromisoformat(f"0{text}" if text[1:2] == ":" else text).replace(microsecond=0),
	)


def _phone(value: Any) -> Phone | None:
	text = _text(value)
	return Phone(text) if text and sum(character.isdigit() for character in text) >= 3 else None


def _number(value: Any) -> Decimal | None:
	if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
		return None
	if isinstance(value, int) and value.bit_length() > 64:
		return None
	try:
		number = Decimal(str(value).strip())
	except InvalidOperation:
		return None
	return number if number.is_finite() and abs(number) < Decimal(10) ** 15 else None


def _money(value: Any) -> Money | None:
	amount, currency = (value.amount, value.currency) if isinstance(value, Money) else (value, "")
	number = _number(amount)
	return None if number is None else Money(number, currency)


def _parsed(value: Any, parse) -> Any:
	if not isinstance(value, str):
		return None
	try:
		return parse(value.strip())
	except ValueError:
		return None


_CONVERT = {
	"text": _text,
	"name": _name,
	"list": _list,
	"date": _date,
	"dates": _dates,
	"time": _time,
	"phone": _phone,
	"number": _number,
	"money": _money,
}
