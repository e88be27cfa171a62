"""The carrier's answer to a POST, and what follows from each kind of no."""

import threading

import frappe
from frappe import _

from school_dialer.carriers.base import (
	AnswerLost,
	CarrierError,
	NotAuthorised,
	Placed,
	Refused,
	TooFast,
	Unreachable,
	Unsubscribed,
)
from school_dialer.consent import ledger
from school_dialer.dialing import attempts, states
from school_dialer.dialing.progress import News, apply, finish, move_log

TOO_FAST_SECONDS = 5
UNREACHABLE_MOST = 3


class Breaker:
	"""Opens when going on makes no sense: wrong credentials at once, an unreachable carrier after three tries in a row."""

	def __init__(self):
		self.reason = ""
		self.unreachable = 0
		self.lock = threading.Lock()

	@property
	def open(self) -> bool:
		return bool(self.reason)

	def trip(self, reason: str) -> None:
		self.reason = self.reason or reason

	def trip_if_repeated(self, error: Unreachable) -> None:
		with self.lock:
			self.unreachable += 1
			if self.unreachable >= UNREACHABLE_MOST:
				self.trip("unreachable")

	def message(self) -> str:
		if self.reason == "unreachable":
			return _(
				"The carrier cannot be reached. Nobody was called meanwhile. Check the connection, then press Resume."
			)
		return self.reason


def record(request, answer: Placed | CarrierError, breaker: Breaker) -> None:
	"""Write one answer on its call log and recipient. Callbacks may have come first: the log moves forwards only."""
	if isinstance(answer, Placed):
		breaker.unreachable = 0
		placed(request, answer)
	elif isinstance(answer, AnswerLost):
		lost(request, answer)
	elif isinstance(answer, Unsubscribed):
		unsubscribed(request, answer)
	elif isinstance(answer, Refused):
		refused(request, answer)
	elif isinstance(answer, TooFast):
		attempts.not_sent([request.log], str(answer))
		attempts.release([request.row.name], TOO_FAST_SECONDS)
	elif isinstance(answer, NotAuthorised):
		attempts.not_sent([request.log], str(answer))
		attempts.release([request.row.name])
		breaker.trip(
			_(
				"The carrier refused the school's credentials ({0}). Correct them in Dialer Settings, then press Resume."
			).format(answer)
		)
	else:
		attempts.not_sent([request.log], str(answer))
		attempts.release([request.row.name])


def placed(request, answer: Placed) -> None:
	if not apply(request.log, News(answer.status, sid=answer.sid)):
		frappe.db.set_value("Dialer Call Log", request.log, "carrier_sid", answer.sid, update_modified=False)


def lost(request, answer: AnswerLost) -> None:
	"""Perhaps a phone is ringing: Unknown until the carrier has been asked."""
	if move_log(request.log, News(states.LOST, error_message=str(answer))):
		finish(request.row.name, request.log, states.UNKNOWN, "")


def refused(request, answer: Refused) -> None:
	"""This number will be refused again; the person's next one may not."""
	apply(request.log, News(states.REFUSED, error_code=str(answer.code), error_message=str(answer)))


def unsubscribed(request, answer: Unsubscribed) -> None:
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
