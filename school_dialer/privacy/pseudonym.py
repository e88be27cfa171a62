"""Pseudonyms for phone numbers past their retention period.

A keyed digest replaces the number, so that "did you call this number?" can still be answered. The database
alone reveals nothing, because the key is derived from the site's encryption key.
"""

import hmac
from collections.abc import Iterable
from hashlib import sha256

from school_dialer.base.phone import mask
from school_dialer.consent import keys

PREFIX = "hash:"
DIGITS = 40
NOTHING_SHOWN = mask(None)


def pseudonym_of(text: str | None) -> str | None:
	"""Return the HMAC-SHA-256 of a number (E.164) or other key, cut to 160 bits.

	An empty value or an existing pseudonym is returned as it is.
	"""
	if not text or text.startswith(PREFIX):
		return text or None
	return PREFIX + hmac.digest(keys.derive("retained number"), text.encode(), sha256).hex()[:DIGITS]


def forms(phones: Iterable[str]) -> tuple[str, ...]:
	"""Return the values under which rows of these numbers are found: the numbers and their pseudonyms."""
	return tuple(form for phone in phones for form in (phone, pseudonym_of(phone)))
