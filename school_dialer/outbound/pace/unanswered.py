"""Requests in a row of which no answer came: it was lost, too late, or an error of the carrier's (5xx).

One such request is an accident, and is looked up half a minute later. When it happens to everyone, no one is
reached, and no attempt counts, so that without this it would go on like that unnoticed. The count is kept for
each campaign in Redis, because a small audience ends a dispatcher before there are many. Where Redis loses
it, it begins again.
"""

from collections.abc import Iterable

import frappe
from frappe import _
from redis.exceptions import RedisError

from school_dialer.carriers.base import CarrierResult, Placed, Refused, ResponseUnknown, SenderRefused
from school_dialer.compliance.vocabulary import EMERGENCY

ALARM, PAUSE = 3, 10
"""So many in a row alarm the staff of an emergency, and pause another campaign.

In an emergency of fewer people it is everyone, and the carrier may not answer the look-up either.
"""
KEPT_SECONDS = 60 * 60


def count(campaign: str, answers: Iterable[CarrierResult]) -> int:
	"""Add these answers, and return how many requests in a row now have none."""
	latest, answered = 0, False
	for answer in answers:
		if isinstance(answer, ResponseUnknown):
			latest += 1
		elif isinstance(answer, Placed | Refused | SenderRefused):
			latest, answered = 0, True
	try:
		if answered:
			forget(campaign)
		if not latest:
			return 0
		in_a_row = int(frappe.cache().execute_command("INCRBY", key_of(campaign), latest))
		frappe.cache().execute_command("EXPIRE", key_of(campaign), KEPT_SECONDS)
	except RedisError:
		return latest
	return in_a_row


def too_many(campaign) -> int:
	"""Return how many in a row are no accident in this campaign."""
	if campaign.purpose != EMERGENCY:
		return PAUSE
	others = ("Blocked", "Cancelled")
	people = frappe.db.count("Dialer Recipient", {"campaign": campaign.name, "status": ("not in", others)})
	return max(1, min(ALARM, people))


def forget(campaign: str) -> None:
	frappe.cache().execute_command("DEL", key_of(campaign))


def key_of(campaign: str) -> bytes:
	return frappe.cache().make_key(f"school_dialer:unanswered:{campaign}")


def message() -> str:
	return _(
		"The carrier does not answer, or answers with errors. Those who may have been called are looked up "
		"before anyone is called again. Check the carrier's status page and the connection."
	)
