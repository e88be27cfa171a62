"""How often somebody may try, counted in Redis over fixed windows. Keys are keyed digests: no address, no number."""

import hmac
import time
from hashlib import sha256

import frappe
from frappe import _

from school_dialer.consent.integrity import keys

MINUTE, DAY = 60, 24 * 60 * 60
LOOK_UPS_A_MINUTE, LOOK_UPS_A_DAY = 100, 2_000
"""More than a person at a telephone asks, and too few to try the numbers of one exchange (10,000) in a day."""


def over(kind: str, who: str, most: int, seconds: int) -> bool:
	"""Count one try of `who` (an address, a number) and say whether it is beyond `most` in this window of `seconds`."""
	window = int(time.time()) // seconds
	digest = hmac.digest(keys.derive("limits"), f"{kind}|{who}".encode(), sha256).hex()[:32]
	cache = frappe.cache()
	key = cache.make_key(f"school_dialer:limit:{kind}:{window}:{digest}")
	count = cache.incr(key)
	cache.expire(key, seconds)
	return count > most


def by_user(kind: str, most: int, a_day: int | None = None) -> None:
	"""Count one try of this user. Raise TooManyRequestsError beyond `most` in a minute, or `a_day` in a day."""
	if over(kind, frappe.session.user, most, MINUTE):
		words = _("More than {0} of these in a minute. Try again in a minute.").format(most)
	elif a_day and over(f"{kind} by day", frappe.session.user, a_day, DAY):
		words = _("More than {0} of these in a day. Try again tomorrow.").format(a_day)
	else:
		return
	frappe.throw(words, frappe.TooManyRequestsError)


def look_up() -> None:
	"""Count a question about a number, or about a person by name, whichever method asks. Opt-outs are recorded by methods that count
	nothing."""
	by_user("look up", LOOK_UPS_A_MINUTE, LOOK_UPS_A_DAY)
