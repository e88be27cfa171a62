"""A telephone number after its time: a keyed digest in its place, by which one can still ask "did you call this number?".

Whoever has the database alone learns nothing from it, since the key is derived from the site's encryption key.
"""

import hmac
from collections.abc import Iterable
from hashlib import sha256

from school_dialer.consent.integrity import keys
from school_dialer.phone import mask

PREFIX = "hash:"
DIGITS = 40
NOTHING_SHOWN = mask(None)


def pseudonym_of(text: str | None) -> str | None:
	"""HMAC-SHA-256 of a number (E.164) or another key, cut to 160 bits. What is one already, or empty, stays as it is."""
	if not text or text.startswith(PREFIX):
		return text or None
	return PREFIX + hmac.digest(keys.derive("retained number"), text.encode(), sha256).hex()[:DIGITS]


def forms(phones: Iterable[str]) -> tuple[str, ...]:
	"""The values under which rows of these numbers are found: before and after their time."""
	return tuple(form for phone in phones for form in (phone, pseudonym_of(phone)))
