"""Phone numbers as written on record, read with the school's country."""

from collections.abc import Iterable

from school_dialer.bounds import phone_field
from school_dialer.bounds.phone_field import Written
from school_dialer.phone import InvalidNumber, parse
from school_dialer.schools import registry


def e164(raw: str) -> str:
	"""Return the number in E.164, or "" if it is not exactly one phone number."""
	try:
		return parse(raw, registry.country()).e164
	except InvalidNumber:
		return ""


def read(raw: str | None) -> Written:
	"""Read every number in a field of a record."""
	return phone_field.read(raw, registry.country())


def in_fields(fields: Iterable[str | None]) -> tuple[str, ...]:
	"""Return every number that may be called in these fields of a record, each once.

	A field that holds one number and nothing else, or none that can be read, stays as written.
	"""
	found: dict[str, str] = {}
	for text in filter(None, ((raw or "").strip() for raw in fields)):
		if (number := e164(text)) or not (several := read(text).numbers):
			found.setdefault(number or text, text)
		else:
			found.update({one: one for one in several if one not in found})
	return tuple(found.values())
