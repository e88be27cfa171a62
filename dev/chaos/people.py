"""The people of a run: who they are, where they live and when they have had enough follows from the seed.

Their numbers have the exchange 555 outside the lines kept for fiction and for directory enquiries: no subscriber has one. Where and when
they may be called is written down here by hand, so that the engine's own tables are not judged by themselves.
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
PLACES = {
	"212": (EASTERN, 8, 21),
	"404": (EASTERN, 8, 21),
	"215": (EASTERN, 8, 21),
	"305": (EASTERN, 8, 20),
	"617": (EASTERN, 8, 20),
	"312": (CENTRAL, 8, 21),
	"713": (CENTRAL, 8, 21),
	"612": (CENTRAL, 9, 21),
	"303": (MOUNTAIN, 8, 21),
	"213": (PACIFIC, 8, 21),
	"206": (PACIFIC, 8, 20),
	"808": (HAWAII, 8, 21),
}
"""By area code: the time zone, and the local hours between which the place allows calls."""
LINES = [line for line in range(200, 10_000) if line not in (1212, 4334)]
AGREED, LEAVE = 0.95, 0.06


@dataclass(frozen=True, slots=True)
class Person:
	"""``leaves``: when they text STOP, as a part of the whole time of trouble; None for those who never do."""

	name: str
	phone: str
	agreed: bool
	leaves: float | None = None

	def may_be_called(self, at: datetime) -> bool:
		"""Whether the hour (aware) is a decent one where they live."""
		zone, opens, closes = PLACES[self.phone[2:5]]
		return opens <= at.astimezone(zone).hour < closes


def crowd(seed: int, count: int, known: Collection[str] = ()) -> list[Person]:
	"""So many people, none with a number that is known already."""
	chosen = random.Random(f"people {seed}")
	numbers = [f"+1{area}555{line:04d}" for area in PLACES for line in LINES]
	chosen.shuffle(numbers)
	free = [number for number in numbers if number not in known][:count]
	if len(free) < count:
		raise ValueError(f"the fictional exchanges have no {count} numbers left")
	return [person(index, number, chosen) for index, number in enumerate(free)]


def person(index: int, phone: str, chosen: random.Random) -> Person:
	agreed = chosen.random() < AGREED
	leaves = chosen.random() if chosen.random() < LEAVE else None
	return Person(f"Person {index}", phone, agreed, leaves)
