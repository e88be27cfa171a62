"""Decide from the marks in the database, in the file, and in Redis whether the site goes on as it was.

Pure: no Frappe here. docs/school/emergencies/after-a-restore.md has the table of all combinations.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

SKEW = timedelta(minutes=5)
"""A clock that is corrected may go back by this much."""
SILENCE = timedelta(minutes=15)
"""After so long without a tick of the scheduler the carrier is asked what the site does not know."""

FIRST, CONTINUES, SILENT = "First", "Continues", "Silent"
UNPROVEN = "Unproven"
"""This host has to show first that the carrier reaches this site (`hosts`)."""
RESTORED, COPY, CLOCK_BACK = "Restored", "Copy", "Clock Back"
STOPPING = (RESTORED, COPY, CLOCK_BACK)
"""Findings for which the site stands in Safe mode."""
WAITING = (SILENT, UNPROVEN)
"""Findings for which all waits but an emergency, which two people of this very site have just begun."""


@dataclass(frozen=True, slots=True)
class Mark:
	"""How far a site has come.

	- `identity`: the site's random name, made once.
	- `generation`: goes up with each chunk of calls and each tick.
	- `at`: the machine's own time of that moment, aware.
	- `site_at`: the same by the site's clock (`clock.now`), which may be set in Simulated mode.
	- `place`: digest of where the site is installed.
	"""

	identity: str
	generation: int
	at: datetime
	site_at: datetime
	place: str


@dataclass(frozen=True, slots=True)
class Seen:
	"""The marks as they are now; None for one that is not there or cannot be read.

	`now` (aware) is the machine's time, `place` where the site is now. `simulated`: it reaches only a test
	carrier. `host_known`: this host has proven itself.
	"""

	database: Mark | None
	file: Mark | None
	redis: Mark | None
	now: datetime
	place: str
	simulated: bool = False
	host_known: bool = True

	def outside(self) -> Iterator[Mark]:
		yield from (mark for mark in (self.file, self.redis) if mark)

	def own(self) -> list[Mark]:
		"""Return the marks outside of the database that are this site's."""
		return [mark for mark in self.outside() if self.database and mark.identity == self.database.identity]


def decide(seen: Seen) -> str:
	"""Return the finding.

	A mark outside that is behind the database, or missing, says nothing, as long as the other one is there:
	Redis may be emptied, and a file may be lost or come from a backup itself. In Simulated mode no family can
	be called, so that a copy takes its place without a question.
	"""
	if seen.database is None:
		return RESTORED if any(seen.outside()) and not seen.simulated else FIRST
	beside = seen.own()
	if any(mark.generation > seen.database.generation for mark in beside):
		return RESTORED
	if seen.now < max(mark.at for mark in (seen.database, *beside)) - SKEW:
		return CLOCK_BACK
	if seen.simulated:
		return CONTINUES
	if not beside or is_elsewhere(seen):
		return COPY
	if not seen.host_known:
		return UNPROVEN
	return SILENT if seen.now - seen.database.at > SILENCE else CONTINUES


def is_elsewhere(seen: Seen) -> bool:
	"""Return whether the site was installed in another place, or the file belongs to another site."""
	if seen.database.place != seen.place:
		return True
	return seen.file is not None and (
		seen.file.identity != seen.database.identity or seen.file.place != seen.place
	)
