"""Phone numbers as written on record, read with the school's country."""

from collections.abc import Iterable
from dataclasses import replace

from school_dialer.audience import remarks
from school_dialer.audience.remarks import Remarks
from school_dialer.base.bounds import phone_field
from school_dialer.base.bounds.phone_field import Written
from school_dialer.schools import registry


def e164(raw: str, country: str | None = None) -> str:
	"""Return the number in E.164, or "" if it is not exactly one phone number.

	`country` is the school's own (ISO 3166), which many numbers need not ask for one by one.
	"""
	return phone_field.only(raw, country or registry.country())


def read_numbers(raw: str | None) -> Written:
	"""Read every number in a field of a record. One that its words call wrong or old is named only."""
	return _read(raw, registry.country())


def read_all(raw: str | None) -> Written:
	"""Read every number in a text, whatever its words say of it: for what stops, bars, or erases a number."""
	return phone_field.read(raw, registry.country())


def _read(raw: str | None, country: str) -> Written:
	written, gone = phone_field.read(raw, country), remarks.remarks_in(raw, country).gone
	if not gone:
		return written
	return replace(written, numbers=tuple(number for number in written.numbers if number not in gone))


def beside(raw: str | None) -> Remarks:
	"""Return what the words of a field say of its numbers."""
	return remarks.remarks_in(raw, registry.country()) if remarks.has_words(raw) else remarks.NOTHING


def in_fields(fields: Iterable[str | None]) -> tuple[str, ...]:
	"""Return every number that may be called in these fields of a record, each once.

	A field that holds one number and nothing else, or none that can be read, stays as written.
	"""
	distinct: dict[str, str] = {}
	texts = [text for raw in fields if (text := (raw or "").strip())]
	country = registry.country() if texts else ""
	for text in texts:
		number = phone_field.only(text, country)
		several = () if number else _read(text, country).numbers
		if several:
			distinct.update({each: each for each in several if each not in distinct})
		else:
			distinct.setdefault(number or text, text)
	return tuple(distinct.values())
