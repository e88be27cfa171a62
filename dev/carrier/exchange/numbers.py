"""Phone numbers as Twilio accepts them: E.164, with some tolerance for the way people write them."""

from __future__ import annotations

import re
from functools import lru_cache

_PUNCTUATION = re.compile(r"[\s().\-]")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_NORTH_AMERICAN = re.compile(r"\+1[2-9]\d{2}[2-9]\d{6}")


@lru_cache(maxsize=65536)
def normalise(written: str) -> str | None:
	"""Return the number in E.164, or None for what cannot be a phone number.

	Digits without a plus sign are read as North American.
	"""
	plain = _PUNCTUATION.sub("", written)
	if plain.isdecimal() and plain.isascii():
		plain = f"+1{plain.removeprefix('1')}" if len(plain) in (10, 11) else plain
	shape = _NORTH_AMERICAN if plain.startswith("+1") else _E164
	return plain if shape.fullmatch(plain) else None


def formatted(number: str) -> str:
	"""Return the number for display: only North American numbers have a national form here, as at Twilio."""
	if _NORTH_AMERICAN.fullmatch(number):
		return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
	return number


def obfuscated(number: str) -> str:
	"""Return what AddressRetention=obfuscate leaves of a number: all but the last four digits."""
	return number[:-4] + "XXXX"


def country(number: str) -> str:
	return "US" if number.startswith("+1") else ""
