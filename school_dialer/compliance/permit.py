"""The permit: the only thing a carrier accepts. Only an ALLOW decision can produce one.

A permit covers one request to the carrier, to one number, on one channel, for a few seconds. Spending it
decides once more on the same facts, for the moment at which the phone rings or the text is delivered. So a
call allowed at 20:59:59 does not ring at 21:00:05. Checking both ends is enough: the request was allowed at
the decision, and no rule closes and reopens within the seconds between.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from school_dialer.compliance.engine import decide
from school_dialer.compliance.model import Decision, Request
from school_dialer.compliance.rules import answer, calling_hours

VALID_FOR = timedelta(seconds=30)
TRIAL_VALID_FOR = timedelta(minutes=1)
ARRIVES_WITHIN = timedelta(seconds=10)
"""The longest time a request takes to reach the carrier. After that the client gives up."""
TAKES = {"Voice": timedelta(seconds=5), "Text": timedelta(seconds=35)}
"""From a request's arrival to the phone's ringing, or to a text's delivery through the networks.

This assumes a carrier without a queue.
"""

MINT = object()
"""What a permit is made with. Only `mint` uses it."""


class NotPermitted(Exception):
	"""The decision does not allow this number and channel, or no longer does.

	The message never includes the number.
	"""


class PermitExpired(NotPermitted):
	"""The permit is too old."""


class NoLongerAllowed(NotPermitted):
	"""The facts no longer allow the request at the time of sending, or would not when it arrives."""


class PermitSpent(NotPermitted):
	"""The permit was already used."""


class Permit:
	"""Permission for one request. Made by `mint` and `mint_trial` only.

	It is immutable and cannot be copied or pickled, so that one permit is one request.

	``call_log`` is the name of the call log that holds the decision. ``to`` is an E.164 number. ``sender`` is
	another or, for a text, the carrier's id of a pool of numbers. ``channel`` is "Voice" or "Text". Times are
	aware UTC datetimes. After ``closes_at`` no phone may ring and no text may be delivered; it is None when
	no hours apply.
	"""

	__slots__ = (
		"__weakref__",
		"_lock",
		"_spent",
		"call_log",
		"channel",
		"closes_at",
		"decision",
		"expires_at",
		"sender",
		"to",
	)

	call_log: str
	to: str
	sender: str
	channel: str
	closes_at: datetime | None
	decision: Decision
	expires_at: datetime

	def __init__(
		self, key: object, decision: Decision, call_log: str, to: str, sender: str, expires_at: datetime
	):
		if key is not MINT:
			raise NotPermitted("Permits are made by mint() only.")
		values = {
			"call_log": call_log,
			"to": to,
			"sender": sender,
			"channel": decision.request.channel,
			"closes_at": closes_at(decision),
			"decision": decision,
			"expires_at": expires_at,
			"_lock": threading.Lock(),
			"_spent": [],
		}
		for name, value in values.items():
			object.__setattr__(self, name, value)

	def spend(self, at: datetime) -> None:
		"""Use the permit at ``at`` (aware), right before the request to the carrier.

		Raises PermitSpent when it was used before, PermitExpired when it is not valid at ``at``, and
		NoLongerAllowed when the request would not be allowed when the phone rings or the text is delivered.
		All are NotPermitted. A permit that was refused once stays spent.
		"""
		with self._lock:
			if self._spent:
				raise PermitSpent("This permit was used before.")
			self._spent.append(at)
		if not self.decision.at <= at < self.expires_at:
			raise PermitExpired("This permit is not valid at this time.")
		decision = self.decision
		then = decide(decision.request, decision.facts, decision.rules, at + lead(decision.request))
		if not then.allowed:
			raise NoLongerAllowed(f"Not allowed any more: {', '.join(then.codes)}.")

	@property
	def spent(self) -> bool:
		return bool(self._spent)

	def __setattr__(self, name: str, value: Any) -> NoReturn:
		raise AttributeError("a permit cannot be changed")

	def __delattr__(self, name: str) -> NoReturn:
		raise AttributeError("a permit cannot be changed")

	def __reduce_ex__(self, protocol: int) -> NoReturn:
		raise TypeError("a permit cannot be copied or stored")

	def __repr__(self) -> str:
		return f"<Permit {self.channel} for {self.call_log}, {'spent' if self.spent else 'unspent'}>"


@dataclass(frozen=True, slots=True)
class Trial:
	"""A test that a user requested to their own number.

	The test is of this ``template`` in this ``version``, or of the app's own words (None, 0).
	"""

	user: str
	template: str | None = None
	version: int = 0


class TrialPermit(Permit):
	"""A permit for one test and nothing else."""

	__slots__ = ("trial",)

	trial: Trial

	def __init__(self, key: object, trial: Trial, *args: Any):
		super().__init__(key, *args)
		object.__setattr__(self, "trial", trial)

	def refuse_other(self, user: str, to: str, template: str | None, version: int) -> None:
		"""Raise NotPermitted unless the permit is for this user, number and version of the words."""
		if (Trial(user, template or None, version), to) != (self.trial, self.to):
			raise NotPermitted("This permit is for another test.")


def lead(request: Request) -> timedelta:
	"""Return how long before the end of calling hours a request has to leave.

	An answer to a person is not bound to calling hours. It only has to arrive in time.
	"""
	if request.answers is not None:
		return ARRIVES_WITHIN
	return ARRIVES_WITHIN + TAKES.get(request.channel, timedelta())


def closes_at(decision: Decision) -> datetime | None:
	"""Return when the calling hours of this decision's request end (aware UTC), or None when no hours apply.

	For an answer, it is the time after which the answer is too late.
	"""
	request = decision.request
	if answer.is_answer(request, decision.at):
		return request.answers + answer.WITHIN
	return calling_hours.closes(request, decision.rules, decision.at)
