"""Each try to get an approval, one row each: who was asked, how, when, and what came of it."""

import secrets
from datetime import datetime, timedelta

import frappe

from school_dialer.base import clock
from school_dialer.base.database.rows import insert, stamp
from school_dialer.base.database.transactions import changed

DOCTYPE = "Dialer Emergency Ask"
ASKED, APPROVED, REJECTED = "Asked", "Approved", "Rejected"
NO_ANSWER, NOT_ASKED, NOT_SENT, ENDED = "No answer", "Not asked", "Not sent", "Ended"
LOCKED = "PIN locked"
ANSWERABLE = (ASKED, NO_ANSWER)
"""A late answer counts as well, until the link expires or the call is over."""
VALID = timedelta(minutes=15)
COLUMNS = (
	"name",
	"start",
	"campaign",
	"school",
	"user",
	"way",
	"outcome",
	"reason",
	"asked_at",
	"ends_at",
	"expires_at",
	"asked_digest",
	"dialogue",
	"call_log",
)


def write_ask(start, person, digest: str, outcome: str = ASKED, reason: str = "") -> str:
	"""Write a try for this row of a start, and return its name."""
	now = clock.now().replace(microsecond=0)
	values = {
		"name": secrets.token_hex(12),
		**stamp(),
		"start": start.name,
		"campaign": start.campaign,
		"school": start.school or None,
		"user": person.user,
		"way": person.way,
		"outcome": outcome,
		"reason": reason[:140],
		"asked_at": clock.to_db(now),
		"ends_at": clock.to_db(now + timedelta(seconds=person.wait_seconds)),
		"expires_at": clock.to_db(now + VALID),
		"asked_digest": digest,
	}
	insert(DOCTYPE, [values])
	return values["name"]


def of_start(start: str) -> list[frappe._dict]:
	return frappe.get_all(DOCTYPE, {"start": start}, list(COLUMNS), order_by="asked_at, creation, name")


def locked(name: str) -> frappe._dict | None:
	"""Return this try, locked until the transaction ends."""
	return frappe.db.get_value(DOCTYPE, name, COLUMNS, as_dict=True, for_update=True) if name else None


def is_valid(ask) -> bool:
	"""Return whether an answer to this try still counts, as far as the try itself says."""
	return ask.outcome in ANSWERABLE and clock.now() < clock.from_db(ask.expires_at)


def close(name: str, outcome: str, reason: str = "", sources: tuple[str, ...] = ANSWERABLE) -> bool:
	"""Note what came of a try, once. Return whether it was open."""
	values = {"outcome": outcome, "reason": reason[:140], "ended_at": clock.db_now()}
	ask = frappe.qb.DocType(DOCTYPE)
	query = frappe.qb.update(ask).where((ask.name == name) & ask.outcome.isin(sources))
	for field, value in values.items():
		query = query.set(ask[field], value)
	query.run()
	return changed() > 0


def end_others(start: str, but: str = "") -> None:
	"""End the other tries: it was decided."""
	ask = frappe.qb.DocType(DOCTYPE)
	(
		frappe.qb.update(ask)
		.set(ask.outcome, ENDED)
		.set(ask.ended_at, clock.db_now())
		.where((ask.start == start) & (ask.name != but) & (ask.outcome == ASKED))
		.run()
	)


def is_waited_for(ask, now: datetime) -> bool:
	"""Return whether the next person is not asked yet because of this try. `now` is naive, in site time."""
	return ask.outcome == ASKED and now < ask.ends_at
