"""Which of the carrier's calls and texts belongs to which of our logs, when the answer with its id was lost. Pure: no Frappe here.

A call is known by its number and its time. A text's number is masked once it is sent, so neighbours look alike: then time decides, and
among the requests of a worker that was killed their order, for what it did not get to send are its last ones.

Of two that a living worker sent at the same moment either may be the one that arrived. To give the carrier's text to one of them
would leave somebody untold for good, and record that they were told, so both stay open: a callback may yet name one.

What the carrier has may also belong to a request that is on its way just now and whose answer we have not written yet. A log that
only looks like it waits until the other has its answer.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from school_dialer.carriers.base import Placed, may_be

SKEW = timedelta(minutes=5)
"""The carrier's clock may differ from ours by this much. Too narrow, and a call that was placed is not found and is made again."""
LEAVES_WITHIN = timedelta(seconds=90)
"""A request leaves so long after its log was written, or never: its worker is gone."""
FAR = datetime.max.replace(tzinfo=timezone.utc)
ALIKE = timedelta(seconds=1)
"""Two logs whose distances from a text of the carrier differ by no more than this are equally likely to be its own."""
REST = timedelta(seconds=4)
"""A number sends no text for so long after a text whose answer was lost, so that time tells the next one from it. Its way
there may have taken up to `REST` less twice `ALIKE`."""


@dataclass(frozen=True, slots=True)
class Lost:
	"""A log whose request the carrier may have.

	``placed_at`` is aware. For one that was ``sent``, by a worker that lived to see the answer fail, it is the moment at which it left;
	else that of its chunk, and its microseconds tell the order within.
	"""

	log: str
	phone: str
	placed_at: datetime
	sent: bool = False

	def may_have(self, placed: Placed) -> bool:
		"""The carrier need not tell when it made a call (Twilio: ``date_created`` is null while it is queued): then any time fits."""
		if placed.created_at is None:
			return may_be(placed.to, self.phone)
		since_log = placed.created_at - self.placed_at
		return may_be(placed.to, self.phone) and -SKEW <= since_log <= SKEW + LEAVES_WITHIN

	def distance(self, placed: Placed) -> timedelta:
		"""From the second in which the carrier made it: its times are whole seconds. None where it does not tell."""
		if placed.created_at is None:
			return timedelta(0)
		early = placed.created_at - self.placed_at
		late = self.placed_at - (placed.created_at + timedelta(seconds=1))
		return max(early, late, timedelta(0))


@dataclass(slots=True)
class Matches:
	"""``found``: by log, what the carrier has of it. ``waiting``: logs of which that cannot be said yet. ``tied``: the carrier has some
	of these, and nothing tells which."""

	found: dict[str, Placed] = field(default_factory=dict)
	waiting: set[str] = field(default_factory=set)
	tied: set[str] = field(default_factory=set)


def match(lost: Iterable[Lost], found: Iterable[Placed], on_their_way: Iterable[Lost] = ()) -> Matches:
	"""What the carrier has goes to the logs that are nearest in time, whole numbers before masked ones."""
	matches, others = Matches(), list(on_their_way)
	left = sorted(lost, key=lambda one: one.placed_at)
	for shown, some in by_number(found):
		if any(one.may_have(placed) for one in others for placed in some):
			matches.waiting.update(one.log for one in left if may_be(shown, one.phone))
		else:
			left = assign_placed(some, left, matches)
	return matches


def by_number(found: Iterable[Placed]) -> list[tuple[str, list[Placed]]]:
	alike: dict[str, list[Placed]] = defaultdict(list)
	for placed in found:
		alike[placed.to].append(placed)
	return sorted(alike.items(), key=lambda item: "X" in item[0] or not item[0])


def assign_placed(some: list[Placed], logs: list[Lost], matches: Matches) -> list[Lost]:
	"""Of one number as the carrier shows it. What is left over goes to the next nearest log. Returns the logs that got nothing."""
	while pairs := [(placed, theirs) for placed in some if (theirs := likely(placed, logs))]:
		some = []
		for here, theirs in groups(pairs):
			if len(here) < len(theirs) and any(one.sent for one in theirs):
				matches.tied.update(one.log for one in theirs)
			else:
				matches.found.update(zip((one.log for one in theirs), here, strict=False))
				some += here[len(theirs) :]
		logs = [one for one in logs if one.log not in matches.found and one.log not in matches.tied]
	return logs


def likely(placed: Placed, logs: list[Lost]) -> list[Lost]:
	fitting = [(one.distance(placed), one) for one in logs if one.may_have(placed)]
	nearest = min((distance for distance, _one in fitting), default=timedelta(0))
	return [one for distance, one in fitting if distance - nearest <= ALIKE]


def groups(pairs: list[tuple[Placed, list[Lost]]]) -> Iterator[tuple[list[Placed], list[Lost]]]:
	"""Those that have likely logs in common, with all of these, each in order of time."""
	found: list[tuple[list[Placed], set[Lost]]] = []
	for placed, logs in pairs:
		some, theirs = [placed], set(logs)
		for group in [one for one in found if not theirs.isdisjoint(one[1])]:
			found.remove(group)
			some, theirs = group[0] + some, theirs | group[1]
		found.append((some, theirs))
	for some, theirs in found:
		yield (
			sorted(some, key=lambda one: one.created_at or FAR),
			sorted(theirs, key=lambda one: one.placed_at),
		)
