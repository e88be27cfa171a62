"""The carrier's responses to a chunk of POSTs, and what follows from each kind of refusal."""

from collections.abc import Iterable

import frappe

from school_dialer.base import clock, states
from school_dialer.base.jobs import EMERGENCY_QUEUE
from school_dialer.carriers.base import (
	CarrierError,
	CarrierResult,
	Placed,
	RateLimited,
	Refused,
	ResponseUnknown,
	SenderRefused,
	Unsubscribed,
)
from school_dialer.carriers.pretend import how_it_ends
from school_dialer.compliance.permit import ARRIVES_WITHIN, TAKES, NoLongerAllowed
from school_dialer.consent import reported_opt_outs
from school_dialer.outbound.attempts import after_commit, claims, uncounted
from school_dialer.outbound.attempts.settling import finish
from school_dialer.outbound.attempts.status_updates import StatusUpdate, apply, move_log
from school_dialer.outbound.dispatch.carrier_request import CarrierRequest
from school_dialer.settings import carrier_faults, carrier_settings

TOO_FAST_SECONDS, NO_ROOM_SECONDS = 5, 30
"""Seconds that recipients wait after the carrier had no capacity.

By then a second has passed, or a call has ended and a queue has emptied.
"""
SCHOOLS_SECONDS = 60
"""Seconds between tries for recipients who were refused for a fault of the school's. Enough such faults pause
the campaign."""
CLOSING_SECONDS = int((ARRIVES_WITHIN + max(TAKES.values())).total_seconds())
"""Seconds until a request that was permitted but would have arrived too late is decided again.

Calling hours have ended by then.
"""

Answered = tuple[CarrierRequest, CarrierResult]


def record_results(answered: Iterable[Answered]) -> None:
	"""Write the responses on their call logs and recipients. Does not commit.

	Status callbacks may have come first: logs only move forward.
	"""
	accepted, withheld = [], []
	for request, answer in answered:
		if isinstance(answer, Placed):
			accepted.append((request, answer))
		elif isinstance(answer, ResponseUnknown):
			record_lost(request, answer)
		elif isinstance(answer, Unsubscribed):
			record_carrier_opt_out(request, answer)
		elif isinstance(answer, Refused):
			record_refusal(request, answer)
		else:
			withheld.append((request, answer))
	record_placed(accepted)
	record_not_placed(withheld)


def record_placed(accepted: list[Answered]) -> None:
	"""Write accepted requests. Nearly all are queued, so each status takes one statement.

	A request that ended at once is settled as if by a callback.
	"""
	if lacks := {feature for _request, answer in accepted for feature in answer.lacks}:
		carrier_settings.remember_lacking(lacks)
	by_status: dict[str, list[Answered]] = {}
	for request, answer in accepted:
		status = answer.status if answer.status in states.RANK else "queued"
		by_status.setdefault(status, []).append((request, answer))
	for status, responses in by_status.items():
		# Even one that has ended is queued first: then `apply` ends it and settles its recipient.
		record_status("queued" if states.is_final(status) else status, responses)
		if states.is_final(status):
			for request, answer in responses:
				apply(request.log, StatusUpdate.of(answer))
	if any(how_it_ends(answer.sid) for _request, answer in accepted):
		frappe.enqueue(
			"school_dialer.calls.pretend_line.run", queue=EMERGENCY_QUEUE, enqueue_after_commit=True
		)


def record_status(status: str, responses: list[Answered]) -> None:
	logs = tuple(request.log for request, _answer in responses)
	frappe.db.sql(
		"update `tabDialer Call Log` set carrier_sid = case name "
		+ "when %s then %s " * len(responses)
		+ "end, status = if(status_rank < %s, %s, status), "
		"status_rank = greatest(status_rank, %s) where name in %s",
		(
			*(part for request, answer in responses for part in (request.log, answer.sid)),
			states.rank(status),
			status,
			states.rank(status),
			logs,
		),
	)
	frappe.db.sql(
		"update `tabDialer Recipient` set status = 'Dialing' "
		"where last_call_log in %s and status = 'Unknown'",
		(logs,),
	)


def record_not_placed(withheld: list[Answered]) -> None:
	"""Return requests to waiting that were definitely not placed and are not the recipient's fault.

	Most of them wait for a short time first.
	"""
	by_reason: dict[tuple[str, int | None, int], list[CarrierRequest]] = {}
	ours = []
	for request, answer in withheld:
		key = (reason_of(answer), getattr(answer, "code", None), seconds_to_wait(answer))
		by_reason.setdefault(key, []).append(request)
		if isinstance(answer, SenderRefused) or waits_for_limit(answer):
			ours.append(request.log)
	for (why, code, seconds), requests in by_reason.items():
		uncounted.mark_not_sent([request.log for request in requests], why, code)
		urgent = 0 if seconds == SCHOOLS_SECONDS else min(seconds, carrier_faults.URGENT_SECONDS)
		claims.release([request.row for request in requests], seconds, urgent)
	after_commit.look_at_campaigns_of(ours)


def reason_of(answer: CarrierResult) -> str:
	"""Return the reason, in plain words if the carrier's code has some."""
	fault = answer.fault if isinstance(answer, CarrierError) else None
	return carrier_faults.explained(answer.code or answer.status, fault) if fault else str(answer)


def seconds_to_wait(answer: CarrierResult) -> int:
	if waits_for_limit(answer):
		return carrier_faults.seconds_of_limit(answer.fault)
	if isinstance(answer, RateLimited):
		return TOO_FAST_SECONDS if answer.status == 429 else NO_ROOM_SECONDS
	if isinstance(answer, SenderRefused):
		return SCHOOLS_SECONDS
	return CLOSING_SECONDS if isinstance(answer, NoLongerAllowed) else 0


def waits_for_limit(answer: CarrierResult) -> bool:
	return isinstance(answer, CarrierError) and carrier_faults.waits(answer.fault)


def record_lost(request: CarrierRequest, answer: ResponseUnknown) -> None:
	"""Set a recipient to Unknown until the carrier has been asked: a phone may be ringing.

	The exact time it was sent distinguishes it from its neighbors.
	"""
	# False if a callback came first, which says more than the lost answer.
	if move_log(request.log, StatusUpdate(states.LOST, error_message=str(answer))):
		frappe.db.set_value(
			"Dialer Call Log", request.log, "placed_at", clock.to_db(request.sent_at), update_modified=False
		)
		finish(request.row.name, request.log, states.UNKNOWN, "")


def record_refusal(request: CarrierRequest, answer: Refused) -> None:
	"""Record a refusal. This number will be refused again, but the person's next number may not be.

	If the code is unknown, so is whether the number will be refused again.
	"""
	code = str(answer.code or answer.status or "")
	apply(request.log, StatusUpdate(states.REFUSED, error_code=code, error_message=reason_of(answer)))


def record_carrier_opt_out(request: CarrierRequest, answer: Unsubscribed) -> None:
	"""Record an opt-out that the carrier has and this site did not (Twilio 21610)."""
	record_refusal(request, answer)
	reported_opt_outs.record_of_carrier(request.log)
