"""Rate limits, counted in Redis over fixed windows. Keys are keyed digests, without any address or number."""

import hmac
import time
from hashlib import sha256

import frappe
from frappe import _

from school_dialer.base.refusal import throw
from school_dialer.consent import keys

MINUTE, DAY = 60, 24 * 60 * 60
LOOK_UPS_A_MINUTE, LOOK_UPS_A_DAY = 100, 2_000
"""More than a person on the phone needs, and too few to try the numbers of one exchange (10,000) in a day."""


def over(kind: str, who: str, most: int, seconds: int) -> bool:
	"""Count one attempt and return whether it exceeds `most` in this window of `seconds`.

	`who` is an address, a number or a user.
	"""
	cache, key = frappe.cache(), key_of(kind, who, seconds)
	count = cache.incr(key)
	cache.expire(key, seconds)
	return count > most


def forget(kind: str, who: str, seconds: int) -> None:
	"""Forget the attempts of this window, after one that was right."""
	frappe.cache().delete(key_of(kind, who, seconds))


def key_of(kind: str, who: str, seconds: int) -> bytes:
	window = int(time.time()) // seconds
	digest = hmac.digest(keys.derive("limits"), f"{kind}|{who}".encode(), sha256).hex()[:32]
	return frappe.cache().make_key(f"school_dialer:limit:{kind}:{window}:{digest}")


def by_user(kind: str, most: int, a_day: int | None = None) -> None:
	"""Count one attempt of this user.

	Raises TooManyRequestsError beyond `most` in a minute, or `a_day` in a day.
	"""
	if over(kind, frappe.session.user, most, MINUTE):
		words = _("More than {0} of these in a minute. Try again in a minute.").format(most)
	elif a_day and over(f"{kind} by day", frappe.session.user, a_day, DAY):
		words = _("More than {0} of these in a day. Try again tomorrow.").format(a_day)
	else:
		return
	throw(words, frappe.TooManyRequestsError)


def look_up() -> None:
	"""Count a query about a number, or about a person by name, whichever method makes it.

	Raises TooManyRequestsError beyond the limits. The methods that record opt-outs do not count anything.
	"""
	by_user("look up", LOOK_UPS_A_MINUTE, LOOK_UPS_A_DAY)
