"""A short code that stands for the name of a Consent Event: `7Q2K-4MXD-9TWB`. Pure Python, no Frappe.

The name of an event begins with the microsecond it was recorded in (`consent.store.new_name`). That and four
bits of a keyed digest of the whole name, 55 bits together, are mixed by a keyed permutation and written in
Crockford's base 32, which has no I, L, O, and U. A twelfth character shows mistyping.

So a code needs no table and works as soon as the event is recorded. It holds nothing of the number, two codes
of the same minute have nothing in common, and of 2**55 codes only those of recorded events mean anything.
"""

import hmac
import re
from hashlib import sha256

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VALUES = {character: value for value, character in enumerate(ALPHABET)}
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
"""What a reader may take a character for, as Crockford's base 32 reads it."""
CHARACTERS, GROUP = 12, 4
LONGEST = 40
"""Characters of a code as people may type it, with spaces and hyphens."""
NAME = re.compile(r"[0-9a-f]{21}")
TIME_DIGITS, RANDOM_DIGITS = 13, 8
FROM = 1_577_836_800_000_000
"""2020-01-01 UTC in microseconds since 1970."""
TIME_BITS, TAG_BITS = 51, 4
"""51 bits of microseconds last until 2091."""
LEFT_BITS, RIGHT_BITS = 28, 27
ROUNDS = 10
PRIMITIVE = 0b100101
"""x**5 + x**2 + 1, which makes GF(32)."""


def of_name(name: str, key: bytes) -> str:
	"""Return the code of an event's name, or "" for a name that the ledger did not make."""
	if not NAME.fullmatch(name):
		return ""
	time = int(name[:TIME_DIGITS], 16) - FROM
	if not 0 <= time < 1 << TIME_BITS:
		return ""
	mixed = _mixed(time << TAG_BITS | tag_of(name, key), key, range(ROUNDS))
	values = [mixed >> 5 * place & 31 for place in reversed(range(CHARACTERS - 1))]
	text = "".join(ALPHABET[value] for value in (*values, _check(values)))
	return "-".join(text[place : place + GROUP] for place in range(0, CHARACTERS, GROUP))


def is_well_typed(text: str) -> bool:
	"""Return whether this is a code without a mistyped character."""
	return _values(text) is not None


def of_code(text: str, key: bytes) -> tuple[str, int] | None:
	"""Return how the names begin that a code may mean, and the tag of the one it means, or None."""
	values = _values(text)
	if values is None:
		return None
	mixed = 0
	for value in values[:-1]:
		mixed = mixed << 5 | value
	plain = _mixed(mixed, key, reversed(range(ROUNDS)))
	return f"{(plain >> TAG_BITS) + FROM:0{TIME_DIGITS}x}", plain & (1 << TAG_BITS) - 1


def tag_of(name: str, key: bytes) -> int:
	return hmac.digest(key, b"tag" + name.encode(), sha256)[0] >> 8 - TAG_BITS


def _values(text: str) -> list[int] | None:
	if len(text) > LONGEST:
		return None
	characters = re.sub(r"[\s\-–—]", "", text).upper().translate(READ_AS)
	values = [VALUES.get(character, -1) for character in characters]
	right = len(values) == CHARACTERS and min(values) >= 0 and _check(values[:-1]) == values[-1]
	return values if right else None


def _check(values: list[int]) -> int:
	"""Return the check character's value: the sum of the values in GF(32), each times a power of x.

	One wrong character, or two that changed places, always give another one.
	"""
	check = 0
	for value in values:
		check = _times_x(check ^ value)
	return check


def _times_x(value: int) -> int:
	value <<= 1
	return value ^ PRIMITIVE if value & 32 else value


def _mixed(value: int, key: bytes, rounds) -> int:
	"""Permute 55 bits by a Feistel network of unequal halves. The rounds in reverse undo it."""
	left, right = value >> RIGHT_BITS, value & (1 << RIGHT_BITS) - 1
	for number in rounds:
		if number % 2:
			right ^= _drawn(number, left, key) & (1 << RIGHT_BITS) - 1
		else:
			left ^= _drawn(number, right, key) & (1 << LEFT_BITS) - 1
	return left << RIGHT_BITS | right


def _drawn(number: int, half: int, key: bytes) -> int:
	return int.from_bytes(hmac.digest(key, bytes([number]) + half.to_bytes(4, "big"), sha256)[:4], "big")
