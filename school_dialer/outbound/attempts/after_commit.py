"""What follows from status updates, once they are committed: by the request or job that commits.

In this order, since of two last calls that end at once neither sees the other's end before it is committed:
pause the campaigns that the carrier refuses, complete those whose last call this was, follow up on calls that
reached no one, and let staff know of texts that were lost after the end. A rollback takes all of it back.

What was committed stands whatever comes of these steps. The person who noted a call, or the carrier, gets no
error for it, and what others do after the same commit is still done.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import frappe
from redis.exceptions import RedisError

from school_dialer.base.database.transactions import RETRIED, TRIES, pause_after, retried
from school_dialer.base.jobs import EMERGENCY_QUEUE, job, note
from school_dialer.campaigns import notifications
from school_dialer.campaigns.completing import complete_if_done
from school_dialer.campaigns.queues import enqueue_fallback
from school_dialer.outbound.pace import circuit_breaker

PENDING = "dialer_after_commit"


@dataclass
class Pending:
	"""Campaigns by what is to be done about them."""

	watched: set[str] = field(default_factory=set)
	settled: set[str] = field(default_factory=set)
	unreached: set[str] = field(default_factory=set)
	lost: set[str] = field(default_factory=set)


def look_at(*campaigns: str) -> None:
	"""Have the circuit breaker look at campaigns that met a fault which may be everyone's."""
	_pending().watched.update(campaigns)


def look_at_campaigns_of(logs: list[str]) -> None:
	if logs:
		rows = frappe.db.sql(
			"select distinct campaign from `tabDialer Call Log` where name in %s and campaign is not null",
			(tuple(logs),),
		)
		look_at(*(name for (name,) in rows))


def complete(campaign: str) -> None:
	"""Complete a campaign in which a call ended, if that was its last."""
	_pending().settled.add(campaign)


def follow_up(campaign: str) -> None:
	"""Enqueue the texts and e-mails in place of calls that reached no one."""
	_pending().unreached.add(campaign)


def lose(campaign: str) -> None:
	"""Let staff be notified of texts that turn out not to have arrived, if the campaign is over."""
	_pending().lost.add(campaign)


def _pending() -> Pending:
	"""This transaction's. It belongs to the connection, which a thread may have of its own."""
	pending = getattr(frappe.db, PENDING, None)
	if pending is None:
		pending = Pending()
		setattr(frappe.db, PENDING, pending)
		frappe.db.after_commit.add(_run)
		frappe.db.after_rollback.add(_forget)
	return pending


def _forget() -> None:
	setattr(frappe.db, PENDING, None)


def _steps() -> dict[str, Callable[[str], bool | None]]:
	"""Return what is done about the campaigns of each field of `Pending`, in this order."""
	return {
		"watched": circuit_breaker.look_at,
		"settled": complete_if_done,
		"unreached": enqueue_fallback,
		"lost": notifications.texts_lost,
	}


def _run() -> None:
	pending = getattr(frappe.db, PENDING)
	# First, so that what these steps add gets a callback of its own.
	_forget()
	for kind in _steps():
		for campaign in sorted(getattr(pending, kind)):
			take(kind, campaign)


def take(kind: str, campaign: str) -> None:
	"""Take a step and commit it, so that no campaign's row is held while the next one waits.

	It is taken again after a deadlock. One that cannot be taken now is reported and left to a job: the tick
	comes back to calls that ended, but not to what the carrier refused or to texts that were lost.
	"""
	for attempt in range(TRIES):
		try:
			if _steps()[kind](campaign) is not False:
				frappe.db.commit()
			return
		except RETRIED as error:
			# `frappe.db.rollback` would forget what others do after this commit.
			frappe.db.sql("rollback")
			if attempt == TRIES - 1 or isinstance(error, frappe.QueryTimeoutError):
				_leave_to_a_job(kind, campaign, error)
				return
			pause_after(attempt)


def _leave_to_a_job(kind: str, campaign: str, error: Exception) -> None:
	note(f"after a commit, {kind}", error)
	frappe.db.commit()
	try:
		frappe.enqueue(
			"school_dialer.outbound.attempts.after_commit.take_later",
			queue=EMERGENCY_QUEUE,
			kind=kind,
			campaign=campaign,
		)
	except RedisError as lost:
		note(f"after a commit, {kind}", lost)
		frappe.db.commit()


@job
def take_later(kind: str, campaign: str) -> None:
	"""Take a step that another transaction kept from being taken at its commit."""

	def step() -> None:
		_steps()[kind](campaign)
		frappe.db.commit()

	retried(step)
