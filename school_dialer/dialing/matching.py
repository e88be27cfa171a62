"""Which of the carrier's calls and texts belongs to which of our logs, when the answer with its id was lost. Pure: no Frappe here.

A call is known by its number and its time. A text's number is masked once it is sent, so neighbours look alike: then the order
decides. Requests are made in the order of their logs, and what a killed worker did not get to send are its last ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from school_dialer.carriers.base import Placed, may_be


@dataclass(frozen=True, slots=True)
class Lost:
	"""A log whose request the carrier may have. ``placed_at`` is aware; its microseconds tell the order within a chunk."""

	log: str
	phone: str
	placed_at: datetime


def match(lost: Iterable[Lost], found: Iterable[Placed]) -> dict[str, Placed]:
	"""By log, what the carrier has of it: each of ``found``, oldest first, is given to the log that is nearest in time, the
	earliest of several. The carrier's times are whole seconds."""
	left = sorted(lost, key=lambda one: one.placed_at)
	matched: dict[str, Placed] = {}
	for placed in sorted(found, key=lambda one: one.created_at):
		fitting = [one for one in left if may_be(placed.to, one.phone)]
		if fitting:
			nearest = min(fitting, key=lambda one: seconds_between(one.placed_at, placed.created_at))
			matched[nearest.log] = placed
			left.remove(nearest)
	return matched


def seconds_between(one: datetime, other: datetime) -> int:
	return abs(int(one.timestamp()) - int(other.timestamp()))
