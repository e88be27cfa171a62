"""Matching of the carrier's calls and texts to call logs whose response, with its ID, was lost.

Pure: no Frappe here. A call is identified by its number and time. A text's number is masked once it is sent,
so neighbors look alike. Then time decides, and among the requests of a killed worker their order, because
what it did not send are its last ones.

Of two texts that a living worker sent at the same moment, either may be the one that arrived. Assigning the
carrier's text to one of them could leave a recipient without a message for good, and record that the message
was delivered. So both stay open: a callback may yet name one.

What the carrier has may also belong to a request that is in flight and whose response is not written yet. A
log that only looks like it waits until the other has its response.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from school_dialer.carriers.base import Placed, may_be

SKEW = timedelta(minutes=5)
"""The carrier's clock may differ from ours by this much.

If this is too narrow, a call that was placed is not found and is made again.
"""
LEAVES_WITHIN = timedelta(seconds=90)
"""A request leaves within this time after its log was written, or never: its worker is dead."""
FAR = datetime.max.replace(tzinfo=timezone.utc)
ALIKE = timedelta(seconds=1)
"""Two logs are equally likely if their distances from one of the carrier's texts differ by no more than
this."""
REST = timedelta(seconds=4)
"""After a text whose response was lost, its number sends no text for this long.

Then the next text can be distinguished by time. The lost one may have taken up to `REST` less twice `ALIKE`
to arrive.
"""


@dataclass(frozen=True, slots=True)
class Lost:
	"""A log whose request the carrier may have.

	`placed_at` is aware. If `sent` is True, the worker lived to see the request fail, and `placed_at` is the
	moment the request left. Otherwise it is the time of its chunk, and the microseconds give the order within
	the chunk.
	"""

	log: str
	phone: str
	placed_at: datetime
	sent: bool = False

	def may_have(self, placed: Placed) -> bool:
		"""Return True if the carrier's call or text may belong to this log.

		The carrier may not report a creation time (Twilio: `date_created` is null while it is queued). Then
		any time fits.
		"""
		if placed.created_at is None:
			return may_be(placed.to, self.phone)
		since_log = placed.created_at - self.placed_at
		return may_be(placed.to, self.phone) and -SKEW <= since_log <= SKEW + LEAVES_WITHIN

	def distance(self, placed: Placed) -> timedelta:
		"""Return the time between this log and the second in which the carrier created the item.

		The carrier's times are whole seconds. The distance is zero if it reports no time.
		"""
		if placed.created_at is None:
			return timedelta(0)
		early = placed.created_at - self.placed_at
		late = self.placed_at - (placed.created_at + timedelta(seconds=1))
		return max(early, late, timedelta(0))


@dataclass(slots=True)
class Matches:
	"""The result of `match`.

	- `placed`: what the carrier has, by log.
	- `waiting`: logs that cannot be decided yet.
	- `tied`: logs of which the carrier has some, with no way to know which.
	"""

	placed: dict[str, Placed] = field(default_factory=dict)
	waiting: set[str] = field(default_factory=set)
	tied: set[str] = field(default_factory=set)


def match(lost: Iterable[Lost], listed: Iterable[Placed], in_flight: Iterable[Lost] = ()) -> Matches:
	"""Assign what the carrier has to the logs nearest in time, full numbers before masked ones."""
	matches, other_requests = Matches(), list(in_flight)
	left = sorted(lost, key=lambda request: request.placed_at)
	for shown, items in by_number(listed):
		if any(request.may_have(placed) for request in other_requests for placed in items):
			matches.waiting.update(request.log for request in left if may_be(shown, request.phone))
		else:
			left = assign_placed(items, left, matches)
	return matches


def by_number(listed: Iterable[Placed]) -> list[tuple[str, list[Placed]]]:
	alike: dict[str, list[Placed]] = defaultdict(list)
	for placed in listed:
		alike[placed.to].append(placed)
	return sorted(alike.items(), key=lambda item: "X" in item[0] or not item[0])


def assign_placed(items: list[Placed], requests: list[Lost], matches: Matches) -> list[Lost]:
	"""Assign the items of one number (as the carrier shows it) to logs. Return the logs that got none.

	Items that are left over go to the next nearest log.
	"""
	while pairs := [(placed, theirs) for placed in items if (theirs := likely(placed, requests))]:
		items = []
		for here, theirs in groups(pairs):
			if len(here) < len(theirs) and any(request.sent for request in theirs):
				matches.tied.update(request.log for request in theirs)
			else:
				matches.placed.update(zip((request.log for request in theirs), here, strict=False))
				items += here[len(theirs) :]
		decided = matches.placed.keys() | matches.tied
		requests = [request for request in requests if request.log not in decided]
	return requests


def likely(placed: Placed, requests: list[Lost]) -> list[Lost]:
	fitting = [(request.distance(placed), request) for request in requests if request.may_have(placed)]
	nearest = min((distance for distance, _request in fitting), default=timedelta(0))
	return [request for distance, request in fitting if distance - nearest <= ALIKE]


def groups(pairs: list[tuple[Placed, list[Lost]]]) -> Iterator[tuple[list[Placed], list[Lost]]]:
	"""Group items that share likely logs. Yield (items, logs), each in order of time."""
	found_groups: list[tuple[list[Placed], set[Lost]]] = []
	for placed, requests in pairs:
		items, theirs = [placed], set(requests)
		for group in [earlier for earlier in found_groups if not theirs.isdisjoint(earlier[1])]:
			found_groups.remove(group)
			items, theirs = group[0] + items, theirs | group[1]
		found_groups.append((items, theirs))
	for items, theirs in found_groups:
		yield (
			sorted(items, key=lambda item: item.created_at or FAR),
			sorted(theirs, key=lambda request: request.placed_at),
		)
