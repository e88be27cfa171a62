"""Who is called next after an attempt that reached nobody. Pure: no Frappe here.

A recipient's lines are called in their order. Each is tried once before any is tried again, since a phone that nobody answers
says nothing of the next one. A busy line is held on to: somebody is there. The budget is one for each person, over all their numbers.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass

from school_dialer.dialing import states
from school_dialer.messages.dialogue import NO_PIN, PIN_LOCKED, UNCONFIRMED, WITHHELD

BUSY, NO_ANSWER, VOICEMAIL, FAILED = "busy", "no answer", "voicemail", "failed"
NOT_ACKNOWLEDGED, UNUSABLE, WITHDRAWN = "not acknowledged", "unusable", "withdrawn"
NOT_CONFIRMED = "not confirmed"
UNHEARD = (NOT_ACKNOWLEDGED, NOT_CONFIRMED, *WITHHELD)
"""Somebody answered and did not hear the message, or did not say so."""
REPEATABLE = (BUSY, NO_ANSWER, VOICEMAIL, FAILED, NOT_ACKNOWLEDGED, NOT_CONFIRMED)
"""Results after which the same number may be called again."""
OF_THE_PERSON = (NO_PIN, PIN_LOCKED)
"""Results that another number of the same person would have as well."""


@dataclass(frozen=True, slots=True)
class Line:
	"""One number (E.164) of one person, and the students they may be told of there."""

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


def to_json(lines: Iterable[Line]) -> str:
	return json.dumps([asdict(line) for line in lines], ensure_ascii=False)


def from_json(text: str | None) -> list[Line]:
	return [Line(**{**one, "students": tuple(one["students"])}) for one in json.loads(text or "[]")]


def outcome(
	channel: str,
	status: str,
	answered_by: str | None,
	acknowledged: bool = True,
	stage: str = "",
	unusable: bool = False,
) -> str | None:
	"""None when the person was reached. ``acknowledged`` is False when a key was asked for and none came; ``stage`` is that of the
	dialogue in which the call ended; ``unusable`` when the carrier's error code says that the number is to blame."""
	if unusable:
		return UNUSABLE
	if status == "canceled":
		return WITHDRAWN
	if status == states.REFUSED:
		return FAILED
	if channel == "Text":
		return None if status in ("delivered", "read") else FAILED
	if status != "completed":
		return {"busy": BUSY, "no-answer": NO_ANSWER}.get(status, FAILED)
	if states.answered_by_machine(answered_by):
		return VOICEMAIL
	if stage in WITHHELD:
		return stage
	if stage in UNCONFIRMED:
		return NOT_CONFIRMED
	return None if acknowledged else NOT_ACKNOWLEDGED


def following(
	order: Sequence[Line], current: Line, tries: Counter, most: int, result: str, taken: Collection[str] = ()
) -> Line | None:
	"""The line to call next. ``tries`` counts attempts by `Line.key`, ``most`` is each person's budget, ``taken`` are numbers
	that the campaign calls for somebody else. None: it is over."""
	if result == WITHDRAWN:
		return None
	spent: Counter = Counter()
	for (_phone, *owner), count in tries.items():
		spent[tuple(owner)] += count
	usable = [
		line
		for line in order
		if spent[line.owner] < most
		and (line.phone not in taken or line.phone == current.phone)
		and (result in REPEATABLE or line.phone != current.phone)
		and (result not in OF_THE_PERSON or line.owner != current.owner)
	]
	if result == BUSY and current in usable:
		return current
	fewest = min((tries[line.key] for line in usable), default=0)
	return next((line for line in usable if tries[line.key] == fewest), None)
