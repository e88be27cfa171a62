"""How often somebody may try, counted in Redis over fixed windows. Keys are keyed digests: no address, no number."""

import hmac
import time
from hashlib import sha256

import frappe

from school_dialer.consent import keys


def over(kind: str, who: str, most: int, seconds: int) -> bool:
	"""Count one try of `who` (an address, a number) and say whether it is beyond `most` in this window of `seconds`."""
	window = int(time.time()) // seconds
	digest = hmac.digest(keys.derive("limits"), f"{kind}|{who}".encode(), sha256).hex()[:32]
	cache = frappe.cache()
	key = cache.make_key(f"school_dialer:limit:{kind}:{window}:{digest}")
	count = cache.incr(key)
	cache.expire(key, seconds)
	return count > most
