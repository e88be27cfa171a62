"""The carrier's answers to a chunk of POSTs, and what follows from each kind of no."""

from collections.abc import Iterable

import frappe

from school_dialer import clock
from school_dialer.carriers.base import AnswerLost, Placed, Refused, TooFast, Unsubscribed
from school_dialer.compliance.permit import ARRIVES_WITHIN, NoLongerAllowed
from school_dialer.consent import ledger
from school_dialer.dialing import attempts, states
from school_dialer.dialing.progress import News, apply, finish, move_log
from school_dialer.dialing.request import Answer, CarrierRequest

TOO_FAST_SECONDS = 5
CLOSING_SECONDS = int(ARRIVES_WITHIN.total_seconds())
"""After which what was allowed and would have arrived too late is decided on anew: the hours are over then."""

Answered = tuple[CarrierRequest, Answer]


def record(answered: Iterable[Answered]) -> None:
	"""Write the answers on their call logs and recipients. Callbacks may have come first: logs move forwards only."""
	accepted, withheld = [], []
	for request, answer in answered:
		if isinstance(answer, Placed):
			accepted.append((request, answer))
		elif isinstance(answer, AnswerLost):
			lost(request, answer)
		elif isinstance(answer, Unsubscribed):
			unsubscribed(request, answer)
		elif isinstance(answer, Refused):
			refused(request, answer)
		else:
			withheld.append((request, answer))
	placed(accepted)
	not_placed(withheld)


def placed(accepted: list[Answered]) -> None:
	"""Nearly all are queued, and are written by one statement a status. What ended at once is settled as by a callback."""
	by_status: dict[str, list[Answered]] = {}
	for request, answer in accepted:
		by_status.setdefault(answer.status if answer.status in states.RANK else "queued", []).append(
			(request, answer)
		)
	for status, some in by_status.items():
		on_their_way("queued" if states.is_final(status) else status, some)
		if states.is_final(status):
			for request, answer in some:
				apply(
					request.log,
					News(status, sid=answer.sid, answered_by=answer.answered_by, duration=answer.duration),
				)


def on_their_way(status: str, some: list[Answered]) -> None:
	logs = tuple(request.log for request, _answer in some)
	frappe.db.sql(
		"update `tabDialer Call Log` set carrier_sid = case name "
		+ "when %s then %s " * len(some)
		+ "end, status = if(status_rank < %s, %s, status), status_rank = greatest(status_rank, %s) where name in %s",
		(
			*(part for request, answer in some for part in (request.log, answer.sid)),
			states.rank(status),
			status,
			states.rank(status),
			logs,
		),
	)
	frappe.db.sql(
		"update `tabDialer Recipient` set status = 'Dialing' where last_call_log in %s and status = 'Unknown'",
		(logs,),
	)


def not_placed(withheld: list[Answered]) -> None:
	"""Definitely nothing was placed: they wait again, those that came too fast or just too late for a little while."""
	by_reason: dict[tuple[str, int], list[CarrierRequest]] = {}
	for request, answer in withheld:
		by_reason.setdefault((str(answer), seconds_after(answer)), []).append(request)
	for (why, seconds), requests in by_reason.items():
		attempts.not_sent([request.log for request in requests], why)
		attempts.release([request.row for request in requests], seconds)


def seconds_after(answer: Answer) -> int:
	if isinstance(answer, TooFast):
		return TOO_FAST_SECONDS
	return CLOSING_SECONDS if isinstance(answer, NoLongerAllowed) else 0


def lost(request: CarrierRequest, answer: AnswerLost) -> None:
	"""Perhaps a phone is ringing: Unknown until the carrier has been asked. When exactly it was sent tells it from its neighbours."""
	if move_log(request.log, News(states.LOST, error_message=str(answer))):
		frappe.db.set_value(
			"Dialer Call Log", request.log, "placed_at", clock.to_db(request.sent_at), update_modified=False
		)
		finish(request.row.name, request.log, states.UNKNOWN, "")


def refused(request: CarrierRequest, answer: Refused) -> None:
	"""This number will be refused again; the person's next one may not."""
	apply(request.log, News(states.REFUSED, error_code=str(answer.code), error_message=str(answer)))


def unsubscribed(request: CarrierRequest, answer: Unsubscribed) -> None:
	"""The carrier holds an opt-out that we did not: it becomes ours (Twilio 21610)."""
	refused(request, answer)
	ledger.opt_out(
		request.row.phone,
		scope="all non-emergency",
		channel="Any",
		evidence=ledger.Evidence(
			source="Carrier",
			actor=None,
			note=str(answer),
			reference_doctype="Dialer Call Log",
			reference_name=request.log,
		),
	)
