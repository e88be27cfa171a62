"""What may become of a family on the list, and when it is to be phoned again. Pure: no Frappe here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from school_dialer.campaigns.call_order import NO_ANSWER as UNANSWERED
from school_dialer.campaigns.call_order import REACHED as HEARD
from school_dialer.campaigns.call_order import UNUSABLE, VOICEMAIL
from school_dialer.compliance.vocabulary import EMERGENCY, PURPOSES

WAITING, CLAIMED, CALLED, DONE = STATUSES = ("Waiting", "Claimed", "Called", "Done")
WITH_PERSON = (CLAIMED, CALLED)
MOVES: dict[str, frozenset[str]] = {
	WAITING: frozenset({CLAIMED, DONE}),
	CLAIMED: frozenset({CLAIMED, CALLED, WAITING, DONE}),
	CALLED: frozenset({CALLED, WAITING, DONE}),
	DONE: frozenset({WAITING, CALLED}),
}

REACHED, LEFT_MESSAGE, NO_ANSWER = "Reached", "Left a message", "No answer"
WRONG_NUMBER, LATER, STOP = "Wrong number", "Call again later", "Asked to stop"
OUTCOMES = (REACHED, LEFT_MESSAGE, NO_ANSWER, WRONG_NUMBER, LATER, STOP)
"""What a member of staff notes."""
BY_MACHINE, NOT_NEEDED, NOT_PERMITTED = "Reached by the machine", "No longer needed", "Not permitted"
GIVEN_UP = "Given up"
FINAL = (REACHED, STOP)
"""Outcomes after which the family is not phoned again. So is a wrong number, if the family has no other."""
RECORDED = (WRONG_NUMBER, STOP)
"""Outcomes that are in the ledger too, which forgets nothing: they cannot be taken back here."""
RESULTS = {REACHED: HEARD, LEFT_MESSAGE: VOICEMAIL, NO_ANSWER: UNANSWERED, WRONG_NUMBER: UNUSABLE}
"""The result of the call in its log. After other outcomes a person was heard, who is to be called again or
not."""

LEASE = timedelta(minutes=10)
"""How long a family stays with the person who took it, counted from the last thing they did."""
ON_THE_LINE = timedelta(hours=1)
"""The same while a call is under way. Its end makes it LEASE again."""
PAUSE = {LEFT_MESSAGE: timedelta(hours=1), NO_ANSWER: timedelta(minutes=15)}
PAUSE_IN_EMERGENCY = {LEFT_MESSAGE: timedelta(minutes=15), NO_ANSWER: timedelta(minutes=5)}
LONGEST_PAUSE = timedelta(days=7)
MOST_CALLS = 3
"""Calls by people after which a family that did not answer is left alone. An emergency goes on."""
UNDO = timedelta(minutes=10)
RANK = {purpose: place for place, purpose in enumerate(PURPOSES, start=1)}


class NotPossible(ValueError):
	"""The outcome cannot be noted like this. The message says why."""


@dataclass(frozen=True, slots=True)
class Next:
	"""What follows from an outcome: the status, and when the family is phoned again at the earliest."""

	status: str
	not_before: datetime | None = None


def is_held(status: str, until: datetime | None, now: datetime) -> bool:
	"""Return whether a person has the family at `now`. `until` is when their claim ends."""
	return status in WITH_PERSON and until is not None and until > now


def after(
	outcome: str,
	purpose: str,
	calls: int,
	now: datetime,
	later: datetime | None = None,
	*,
	other_number: bool = False,
) -> Next:
	"""Return what follows from an outcome after so many `calls` by people.

	`later` is when to call again. `other_number`: the family has one that no one has called wrong. All times
	are either aware or naive. Raises NotPossible for a time that has passed or is far away.
	"""
	if outcome not in OUTCOMES:
		raise NotPossible("unknown outcome")
	if outcome == LATER:
		if later is None or not now < later <= now + LONGEST_PAUSE:
			raise NotPossible("the time has passed or is more than a week away")
		return Next(WAITING, later)
	if outcome == WRONG_NUMBER and other_number:
		return Next(WAITING, now)
	if outcome in FINAL or outcome == WRONG_NUMBER:
		return Next(DONE)
	if purpose != EMERGENCY and calls >= MOST_CALLS:
		return Next(DONE)
	pause = PAUSE_IN_EMERGENCY if purpose == EMERGENCY else PAUSE
	return Next(WAITING, now + pause[outcome])
