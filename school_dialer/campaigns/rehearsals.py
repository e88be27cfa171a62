"""What `reporting.rehearsal` found, in Redis for a day. It names people, so an erasure or a change of consent drops it, of all campaigns:
which of them would have called whom is not looked up for that."""

from collections.abc import Iterable
from contextlib import suppress

import frappe
from redis.exceptions import RedisError

KEPT_SECONDS = 86_400
KEPT, ERASED = "dialer_rehearsals", "dialer_rehearsals_erased"


def latest(campaign: str) -> dict | None:
	return frappe.cache().get_value(key(campaign), expires=True)


def keep_result(campaign: str, found: dict) -> None:
	frappe.cache().sadd(KEPT, campaign)
	frappe.cache().set_value(key(campaign), found, expires_in_sec=KEPT_SECONDS)


def forget_all() -> None:
	for campaign in frappe.cache().smembers(KEPT):
		name = campaign.decode()
		frappe.cache().delete_value(key(name))
		frappe.cache().srem(KEPT, name)


def erase() -> None:
	"""As `forget_all`, and what runs now is not kept either."""
	frappe.cache().set_value(ERASED, frappe.generate_hash(length=10), expires_in_sec=KEPT_SECONDS)
	forget_all()


def erased() -> str | None:
	"""Changes with each erasure."""
	return frappe.cache().get_value(ERASED, expires=True)


def on_consent_changed(phones: Iterable[str]) -> None:
	"""dialer_consent_changed: who is not called any more is not shown as somebody who would be. An opt-out is recorded also while
	Redis does not answer."""
	with suppress(RedisError):
		forget_all()


def key(campaign: str) -> str:
	return f"dialer_rehearsal:{campaign}"
