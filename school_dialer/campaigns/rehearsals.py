"""Results of `reporting.rehearsal`, kept in Redis for one day.

A result names people, so an erasure or a consent change drops the results of every campaign. Finding out
which campaigns would have called the person is not worth a lookup.
"""

from collections.abc import Iterable
from contextlib import suppress

import frappe
from redis.exceptions import RedisError

KEPT_SECONDS = 86_400
KEPT, ERASED = "dialer_rehearsals", "dialer_rehearsals_erased"


def latest(campaign: str) -> dict | None:
	return frappe.cache().get_value(key(campaign), expires=True)


def keep_result(campaign: str, result: dict) -> None:
	frappe.cache().sadd(KEPT, campaign)
	frappe.cache().set_value(key(campaign), result, expires_in_sec=KEPT_SECONDS)


def forget_all() -> None:
	for campaign in frappe.cache().smembers(KEPT):
		name = campaign.decode()
		frappe.cache().delete_value(key(name))
		frappe.cache().srem(KEPT, name)


def erase() -> None:
	"""Drop all results, and make any rehearsal that is still running discard its own."""
	frappe.cache().set_value(ERASED, frappe.generate_hash(length=10), expires_in_sec=KEPT_SECONDS)
	forget_all()


def erased() -> str | None:
	"""Return a marker that changes with every erasure, or None.

	A rehearsal compares the marker before and after its run.
	"""
	return frappe.cache().get_value(ERASED, expires=True)


def on_consent_changed(phones: Iterable[str]) -> None:
	"""Drop all results (hook `dialer_consent_changed`).

	A person who may no longer be called must not be listed as someone who would be. An opt-out is recorded
	even while Redis is down, so Redis errors are ignored.
	"""
	with suppress(RedisError):
		forget_all()


def key(campaign: str) -> str:
	return f"dialer_rehearsal:{campaign}"
