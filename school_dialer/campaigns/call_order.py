"""Which line to call next after an attempt that reached no one. Pure: no Frappe here.

A recipient's lines are called in order. Every line is tried once before any line is tried again, because an
unanswered phone says nothing about the next one. A busy line is called again first, because someone is there.
Each person has one attempt budget, shared by all of their numbers.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from school_dialer.base import states
from school_dialer.messages.spoken.ivr_state import NO_PIN, PIN_LOCKED, UNCONFIRMED, WITHHELD

BUSY, NO_ANSWER, VOICEMAIL, FAILED = "busy", "no answer", "voicemail", "failed"
NOT_ACKNOWLEDGED, UNUSABLE, WITHDRAWN = "not acknowledged", "unusable", "withdrawn"
NOT_CONFIRMED = "not confirmed"
HUNG_UP, NOT_FETCHED = "hung up early", "words not fetched"
UNHEARD = (NOT_ACKNOWLEDGED, NOT_CONFIRMED, HUNG_UP, NOT_FETCHED, *WITHHELD)
"""Results where someone answered but did not hear the message, or did not confirm hearing it."""
REPEATABLE = (BUSY, NO_ANSWER, VOICEMAIL, FAILED, NOT_ACKNOWLEDGED, NOT_CONFIRMED, HUNG_UP, NOT_FETCHED)
"""Results after which the same number may be called again."""
REACHED = "reached"
"""The result stored in a call log. Everywhere else in this module a person who was reached has no result."""
RESULTS = (REACHED, BUSY, VOICEMAIL, FAILED, NO_ANSWER, *UNHEARD, UNUSABLE, WITHDRAWN)
BEFORE_ANY_WORD = 3
"""Seconds. People hang up this early on the silence while the carrier listens for an answering machine."""
OF_THE_PERSON = (NO_PIN, PIN_LOCKED)
"""Results that would be the same on any other number of the same person."""


@dataclass(frozen=True, slots=True)
class ContactPoint:
	"""One number (E.164) of one person, and the students this person may hear about on it."""

	phone: str
	person_doctype: str
	person: str
	person_name: str
	language: str
	students: tuple[str, ...] = ()

	@property
	def key(self) -> tuple[str, ...]:
		return (self.phone, *self.owner)

	@property
	def owner(self) -> tuple[str, ...]:
		return (self.person_doctype, self.person)


def by_person(points: Iterable[ContactPoint]) -> list[ContactPoint]:
	"""Return each person once at each number, with all of their students, in the order of the first."""
	merged: dict[tuple[str, ...], ContactPoint] = {}
	for point in points:
		earlier = merged.get(point.key)
		if earlier:
			point = replace(earlier, students=union(earlier.students, point.students))
		merged[point.key] = point
	return list(merged.values())


def joined(lines: Iterable[ContactPoint], but: str = "") -> list[ContactPoint]:
	"""Return each number once, with all of its students, leaving out the number `but`."""
	by_number: dict[str, ContactPoint] = {}
	for line in lines:
		if line.phone == but:
			continue
		earlier = by_number.get(line.phone)
		by_number[line.phone] = (
			replace(earlier, students=union(earlier.students, line.students)) if earlier else line
		)
	return list(by_number.values())


def union(own: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
	return tuple(dict.fromkeys((*own, *others)))


def line_of(row) -> ContactPoint:
	"""Return the line that a recipient's row names: the number to call now, its person, and the students."""
	students = row.students if isinstance(row.students, tuple) else tuple(json.loads(row.students or "[]"))
	return ContactPoint(
		row.phone,
		row.person_doctype or "",
		row.person or "",
		row.person_name or "",
		row.language or "",
		students,
	)


def outcome(
	channel: str,
	status: str,
	answered_by: str | None,
	acknowledged: bool = True,
	stage: str = "",
	unusable: bool = False,
	*,
	identified: bool = True,
	fetched: bool = True,
	heard: bool = True,
	duration: int | None = None,
) -> str | None:
	"""Return the result of an attempt that has ended, or None if the person was reached.

	- `acknowledged`: False if the campaign asked for a key press and none came.
	- `stage`: the stage of the keypad dialogue in which the call ended.
	- `unusable`: the carrier's error code blames the number.
	- `identified`: False if the carrier could not say who answered, and no key was pressed.
	- `fetched`: the carrier fetched our message.
	- `heard`: the call lasted longer than the message (`attempts.heard.outlasted`).
	- `duration`: the length of the call in seconds.
	"""
	if unusable:
		return UNUSABLE
	if status == "canceled":
		return WITHDRAWN
	if status == states.REFUSED:
		return FAILED
	if channel == "Text":
		return None if status in (states.UNREPORTED, *states.RECEIVED) else FAILED
	if status != "completed":
		return {"busy": BUSY, "no-answer": NO_ANSWER}.get(status, FAILED)
	if not fetched:
		silent = 0 < (duration or 0) <= BEFORE_ANY_WORD and answered_by in (None, "", "unknown")
		return HUNG_UP if silent else NOT_FETCHED
	if states.answered_by_machine(answered_by):
		return VOICEMAIL
	if stage in WITHHELD:
		return stage
	if not heard:
		return HUNG_UP
	if stage in UNCONFIRMED or not identified:
		return NOT_CONFIRMED
	return None if acknowledged else NOT_ACKNOWLEDGED


def following(
	order: Sequence[ContactPoint],
	current: ContactPoint,
	tries: Counter,
	most: int,
	result: str,
	taken: Collection[str] = (),
	hung_up: Collection[tuple[str, ...]] = (),
) -> ContactPoint | None:
	"""Return the line to call next, or None if the recipient is finished.

	- `tries`: number of attempts by `ContactPoint.key`.
	- `most`: the attempt budget of each person.
	- `taken`: numbers that the campaign already calls for another recipient.
	- `hung_up`: owners (`ContactPoint.owner`) who hung up early in a previous call.

	A person who hangs up is called once more, on the same number and after its delay, and then left alone.
	"""
	if result == WITHDRAWN:
		return None
	spent, rung = Counter(), Counter()
	for (phone, *owner), count in tries.items():
		spent[tuple(owner)] += count
		rung[phone] += count
	usable = [
		line
		for line in order
		if spent[line.owner] < most
		and (line.phone not in taken or line.phone == current.phone)
		and (result in REPEATABLE or line.phone != current.phone)
		and (result not in OF_THE_PERSON or line.owner != current.owner)
		and (result != HUNG_UP or line.owner != current.owner or line.phone == current.phone)
		and line.owner not in hung_up
	]
	if result == BUSY and current in usable:
		return current
	return min(usable, key=lambda line: (tries[line.key], rung[line.phone]), default=None)
