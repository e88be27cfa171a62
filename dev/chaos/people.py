"""The people of a run: who they are, where they live and when they opt out follows from the seed.

Their numbers have the exchange 555, outside the lines reserved for fiction and for directory assistance: no
subscriber has one. Where and when they may be called is written down here by hand, so that the engine's own
tables do not judge themselves.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

EASTERN, CENTRAL = ZoneInfo("America/New_York"), ZoneInfo("America/Chicago")
MOUNTAIN, PACIFIC = ZoneInfo("America/Denver"), ZoneInfo("America/Los_Angeles")
HAWAII = ZoneInfo("Pacific/Honolulu")
HOURS = {
	(EASTERN, 8, 21): ("212", "404", "614", "704", "202", "804", "603"),
	(EASTERN, 9, 17): ("207",),
	(EASTERN, 9, 18): ("401",),
	(EASTERN, 8, 20): ("305", "617", "410"),
	(EASTERN, 9, 20): ("203",),
	(EASTERN, 9, 21): ("313",),
	(CENTRAL, 8, 21): ("312", "414", "314", "515", "501", "615"),
	(CENTRAL, 8, 20): ("504", "205", "601", "405"),
	(CENTRAL, 9, 21): ("612", "713"),
	(MOUNTAIN, 8, 21): ("303", "801"),
	(MOUNTAIN, 9, 21): ("505",),
	(PACIFIC, 8, 21): ("503",),
	(PACIFIC, 9, 21): ("213",),
	(PACIFIC, 8, 20): ("206",),
	(PACIFIC, 9, 20): ("702",),
	(HAWAII, 8, 21): ("808",),
}
"""Local weekday calling hours by place, with the area codes there.

They apply to a school that has not stated its type.
"""
PLACES = {area: hours for hours, areas in HOURS.items() for area in areas}
LINES = [line for line in range(200, 10_000) if line not in (1212, 4334)]
AGREED, LEAVE = 0.95, 0.06
LEAVES_ANYWAY = 20
"""One of so many leaves, so that someone does in a short run too."""


@dataclass(frozen=True, slots=True)
class Person:
	"""A person of the run. ``leaves`` is when they text STOP, as a fraction of the storm; None for never."""

	name: str
	phone: str
	agreed: bool
	leaves: float | None = None

	def may_be_called(self, at: datetime) -> bool:
		"""Return whether the hour (aware) is within calling hours where the person lives."""
		zone, opens, closes = PLACES[self.phone[2:5]]
		return opens <= at.astimezone(zone).hour < closes


def crowd(seed: int, count: int, known: Collection[str] = ()) -> list[Person]:
	"""Return ``count`` people, none with a number in ``known``. Raises ValueError if there are too few
	numbers.
	"""
	chosen = random.Random(f"people {seed}")
	numbers = [f"+1{area}555{line:04d}" for area in PLACES for line in LINES]
	chosen.shuffle(numbers)
	free = [number for number in numbers if number not in known][:count]
	if len(free) < count:
		raise ValueError(f"the fictional exchanges have no {count} numbers left")
	return [person(index, number, chosen) for index, number in enumerate(free)]


def person(index: int, phone: str, chosen: random.Random) -> Person:
	agreed = chosen.random() < AGREED
	leaves = chosen.random() if chosen.random() < LEAVE or index % LEAVES_ANYWAY == 0 else None
	return Person(f"Person {index}", phone, agreed, leaves)
