"""Read JSON, base64, and hexadecimal digits in one spelling only, within bounds."""

import base64
import binascii
import json
import math
import re
from typing import Any

DEEPEST = 16
LARGEST = 2**53 - 1
"""The largest whole number that a program in JavaScript reads exactly (ECMA-262 6.1.6.1)."""
HASH = re.compile(r"[0-9a-f]{64}")
SURROGATE = re.compile(r"[\ud800-\udfff]")
WHOLE = re.compile(r"0|[1-9][0-9]{0,15}")


class Malformed(ValueError):
	"""The text does not have the form that it should have."""


def read_json(content: bytes) -> Any:
	"""Return the value of a JSON text in UTF-8, at most `DEEPEST` levels deep.

	Raises `Malformed`, also for NaN and for half a surrogate pair, which no UTF-8 can hold.
	"""
	try:
		value = json.loads(
			content.decode("utf-8"), parse_constant=_no_constant, parse_float=_number, parse_int=_whole
		)
	except (ValueError, RecursionError) as error:
		raise Malformed from error
	if not _is_plain(value, DEEPEST):
		raise Malformed
	return value


def _no_constant(_name: str) -> None:
	raise Malformed


def _number(text: str) -> int | float:
	value = float(text)
	return int(value) if math.isfinite(value) and value.is_integer() and abs(value) <= LARGEST else value


def _whole(text: str) -> int | float:
	return int(text) if len(text) <= 17 else float(text)


def _is_plain(value: Any, levels: int) -> bool:
	if isinstance(value, str):
		return not SURROGATE.search(value)
	if not isinstance(value, dict | list):
		return True
	inner = (*value, *value.values()) if isinstance(value, dict) else value
	return levels > 0 and all(_is_plain(item, levels - 1) for item in inner)


def is_whole(value: Any) -> bool:
	"""Return whether a JSON value is a whole number from 0 to `LARGEST`."""
	return type(value) is int and 0 <= value <= LARGEST


def whole(text: str) -> int:
	"""Return a whole number that is written without sign and leading zeros. Raises `Malformed`."""
	if not WHOLE.fullmatch(text) or int(text) > LARGEST:
		raise Malformed
	return int(text)


def unbase64(text: str) -> bytes:
	"""Return the bytes of standard base64 (RFC 4648 section 4) in its one spelling. Raises `Malformed`."""
	try:
		content = base64.b64decode(text, validate=True)
	except (binascii.Error, ValueError) as error:
		raise Malformed from error
	if base64.b64encode(content).decode() != text:
		raise Malformed
	return content


def hashes(values: Any, most: int = 64) -> list[bytes]:
	"""Return hashes of 32 bytes that are written in lower-case digits. Raises `Malformed`."""
	if not isinstance(values, list) or len(values) > most:
		raise Malformed
	return [one_hash(value) for value in values]


def one_hash(value: Any) -> bytes:
	if not isinstance(value, str) or not HASH.fullmatch(value):
		raise Malformed
	return bytes.fromhex(value)
