"""Which of the carrier's calls and texts belongs to which of our logs, when the answer with its id was lost. Pure: no Frappe here.

A call is known by its number and its time. A text's number is masked once it is sent, so neighbours look alike: then the order
decides. Requests are made in the order of their logs, and what a killed worker did not get to send are its last ones.

What the carrier has may also belong to a request that is on its way just now and whose answer we have not written yet. To give it to
a log that only looks like it would leave somebody uncalled for good, so that log waits until the other has its answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from school_dialer.carriers.base import Placed, may_be

SKEW = timedelta(minutes=5)
"""The carrier's clock may differ from ours by this much. Too narrow, and a call that was placed is not found and is made again."""
LEAVES_WITHIN = timedelta(seconds=90)
"""A request leaves so long after its log was written, or never: its worker is gone."""


@dataclass(frozen=True, slots=True)
class Lost:
	"""A log whose request the carrier may have. ``placed_at`` is aware; its microseconds tell the order within a chunk."""

	log: str
	phone: str
	placed_at: datetime

	def may_have(self, placed: Placed) -> bool:
		since_log = placed.created_at - self.placed_at
		return may_be(placed.to, self.phone) and -SKEW <= since_log <= SKEW + LEAVES_WITHIN


def match(
	lost: Iterable[Lost], found: Iterable[Placed], on_their_way: Iterable[Lost] = ()
) -> tuple[dict[str, Placed], set[str]]:
	"""By log, what the carrier has of it, and the logs of which that cannot be said yet.

	Each of ``found``, oldest first, is given to the log that is nearest in time, the earliest of several. The carrier's times are
	whole seconds.
	"""
	left = sorted(lost, key=lambda one: one.placed_at)
	others = list(on_their_way)
	matched: dict[str, Placed] = {}
	undecided: set[str] = set()
	for placed in sorted(found, key=lambda one: one.created_at):
		fitting = [one for one in left if one.may_have(placed)]
		if fitting and any(one.may_have(placed) for one in others):
			undecided.update(one.log for one in fitting)
		elif fitting:
			nearest = min(fitting, key=lambda one: seconds_between(one.placed_at, placed.created_at))
			matched[nearest.log] = placed
			left.remove(nearest)
	return matched, undecided - matched.keys()


def seconds_between(one: datetime, other: datetime) -> int:
	return abs(int(one.timestamp()) - int(other.timestamp()))
