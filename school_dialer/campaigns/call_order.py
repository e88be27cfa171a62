"""Who is called next after an attempt that reached nobody. Pure: no Frappe here.

A recipient's lines are called in their order. Each is tried once before any is tried again, since a phone that nobody answers
says nothing of the next one. A busy line is held on to: somebody is there. The budget is one for each person, over all their numbers.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass

from school_dialer import states
from school_dialer.messages.spoken.ivr_state import NO_PIN, PIN_LOCKED, UNCONFIRMED, WITHHELD

BUSY, NO_ANSWER, VOICEMAIL, FAILED = "busy", "no answer", "voicemail", "failed"
NOT_ACKNOWLEDGED, UNUSABLE, WITHDRAWN = "not acknowledged", "unusable", "withdrawn"
NOT_CONFIRMED = "not confirmed"
HUNG_UP, NOT_FETCHED = "hung up early", "words not fetched"
UNHEARD = (NOT_ACKNOWLEDGED, NOT_CONFIRMED, HUNG_UP, NOT_FETCHED, *WITHHELD)
"""Somebody answered and did not hear the message, or did not say so."""
REPEATABLE = (BUSY, NO_ANSWER, VOICEMAIL, FAILED, NOT_ACKNOWLEDGED, NOT_CONFIRMED, HUNG_UP, NOT_FETCHED)
"""Results after which the same number may be called again."""
REACHED = "reached"
"""As a call log says it; to everything else here a person who was reached has no result."""
RESULTS = (REACHED, BUSY, VOICEMAIL, FAILED, NO_ANSWER, *UNHEARD, UNUSABLE, WITHDRAWN)
BEFORE_ANY_WORD = 3
"""Seconds within which somebody hangs up on the silence in which the carrier listens for a machine."""
OF_THE_PERSON = (NO_PIN, PIN_LOCKED)
"""Results that another number of the same person would have as well."""


@dataclass(frozen=True, slots=True)
class ContactPoint:
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


def to_json(lines: Iterable[ContactPoint]) -> str:
	return json.dumps([asdict(line) for line in lines], ensure_ascii=False)


def from_json(text: str | None) -> list[ContactPoint]:
	return [ContactPoint(**{**one, "students": tuple(one["students"])}) for one in json.loads(text or "[]")]


def outcome(
	channel: str,
	status: str,
	answered_by: str | None,
	acknowledged: bool = True,
	stage: str = "",
	unusable: bool = False,
	*,
	fetched: bool = True,
	heard: bool = True,
	duration: int | None = None,
) -> str | None:
	"""None when the person was reached. ``acknowledged`` is False when a key was asked for and none came; ``stage`` is that of the
	dialogue in which the call ended; ``unusable`` when the carrier's error code says that the number is to blame; ``fetched``: the carrier
	got our words; ``heard``: the call outlasted them (`heard.outlasted`)."""
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
	if not fetched:
		silent = 0 < (duration or 0) <= BEFORE_ANY_WORD and answered_by in (None, "", "unknown")
		return HUNG_UP if silent else NOT_FETCHED
	if states.answered_by_machine(answered_by):
		return VOICEMAIL
	if stage in WITHHELD:
		return stage
	if not heard:
		return HUNG_UP
	if stage in UNCONFIRMED:
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
	"""The line to call next. ``tries`` counts attempts by `Line.key`, ``most`` is each person's budget, ``taken`` are numbers
	that the campaign calls for somebody else, ``hung_up`` the owners who hung up in an earlier call. None: it is over.

	Who hangs up is called once more, at that number and after its delay, and then left alone.
	"""
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
		and (result != HUNG_UP or line.owner != current.owner or line.phone == current.phone)
		and line.owner not in hung_up
	]
	if result == BUSY and current in usable:
		return current
	fewest = min((tries[line.key] for line in usable), default=0)
	return next((line for line in usable if tries[line.key] == fewest), None)
