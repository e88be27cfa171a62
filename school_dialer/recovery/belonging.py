"""Whose call was it? Find the recipient of a call or text that the carrier knows and the database does not.

Pure: no Frappe here. The carrier says the number, the sender, and the time, and not the campaign. Where that
fits more than one recipient who waits, one of them gets the call, and whether the others were called as well
cannot be excluded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from school_dialer.base import states
from school_dialer.carriers.base import Placed, may_be
from school_dialer.outbound.attempts.matching import SKEW

OWN, FOLLOW_UP = "own", "follow-up"


@dataclass(slots=True, eq=False)
class Candidate:
	"""A recipient as the database has it.

	`phones` are all numbers of the household, the current one first. `began` and `ended` (aware or None) are
	those of its campaign. `follows`: its campaign sends a text where no call reached the household, and has
	not sent it yet. `kept_back`: it is out of the calls because it may have been called already.
	"""

	name: str
	channel: str
	status: str
	phones: tuple[str, ...]
	began: datetime | None
	ended: datetime | None
	emergency: bool = False
	follows: bool = False
	kept_back: bool = False
	row: Any = field(default=None, repr=False)

	@property
	def is_open(self) -> bool:
		return self.kept_back or self.status in states.OPEN

	def may_be_meant(self, channel: str, placed: Placed) -> bool:
		if self.channel != channel or not any(may_be(placed.to, phone) for phone in self.phones):
			return False
		return self.in_time(placed)

	def in_time(self, placed: Placed) -> bool:
		if placed.created_at is None:
			return True
		return (self.began is None or placed.created_at >= self.began - SKEW) and (
			self.ended is None or placed.created_at <= self.ended + timedelta(days=1)
		)


@dataclass(frozen=True, slots=True)
class Belonging:
	"""The recipient of a call or text, and those who may be it as well. `kind` is OWN or FOLLOW_UP."""

	chosen: Candidate | None = None
	others: tuple[Candidate, ...] = ()
	kind: str = OWN


def belonging(channel: str, placed: Placed, candidates: Sequence[Candidate]) -> Belonging:
	"""Return whose call or text it was. An emergency's recipient is never kept back for another's call.

	A number that the carrier hides fits many recipients, and then all that wait are in doubt.
	"""
	fitting = [each for each in candidates if each.may_be_meant(channel, placed)]
	waiting = [each for each in fitting if each.is_open]
	if waiting:
		first = next((each for each in waiting if not each.kept_back), waiting[0])
		doubted = (each for each in waiting if each is not first and not each.kept_back)
		return Belonging(first, tuple(each for each in doubted if not each.emergency))
	if fitting:
		return Belonging(fitting[0])
	if channel == "Text":
		owed = [each for each in candidates if each.follows and each.may_be_meant("Voice", placed)]
		if owed:
			return Belonging(owed[0], kind=FOLLOW_UP)
	return Belonging()
