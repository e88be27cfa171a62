"""The units in which changes are written: one document with all its rows. Pure Python."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from school_dialer.roster_import.differences import REMOVED, SAME, Change
from school_dialer.roster_import.kinds import (
	COURSES,
	GROUPS,
	GUARDIANS,
	INSTRUCTORS,
	LINKS,
	MEMBERS,
	SCHOOLS,
	STUDENTS,
	TEACHERS,
	TERMS,
	YEARS,
	apart,
)

SINGLE = (SCHOOLS, YEARS, TERMS, COURSES, INSTRUCTORS, GUARDIANS)
"""Kinds whose document has no rows of the roster."""


@dataclass(slots=True)
class Unit:
	"""The changes of one document: its own, if it has one, and those of its rows."""

	kind: str
	sourced_id: str
	own: Change | None = None
	ties: list[Change] = field(default_factory=list)

	@property
	def changes(self) -> list[Change]:
		return [*([self.own] if self.own else []), *self.ties]


def units_of(changes: list[Change]) -> Iterator[Unit]:
	"""Yield the units in the order in which they are written.

	Students leave last, when no group has them as active any more.
	"""
	live = [change for change in changes if change.action != SAME]
	for kind in SINGLE:
		yield from (Unit(kind, change.sourced_id, change) for change in live if change.kind == kind)
	leaving = [change for change in live if change.kind == STUDENTS and change.action == REMOVED]
	staying = [change for change in live if change.kind == STUDENTS and change.action != REMOVED]
	yield from _with_rows(STUDENTS, staying, [change for change in live if change.kind == LINKS])
	yield from _with_rows(
		GROUPS,
		[change for change in live if change.kind == GROUPS],
		[change for change in live if change.kind in (MEMBERS, TEACHERS)],
	)
	yield from (Unit(STUDENTS, change.sourced_id, change) for change in leaving)


def _with_rows(kind: str, heads: list[Change], ties: list[Change]) -> Iterator[Unit]:
	units: dict[str, Unit] = {change.sourced_id: Unit(kind, change.sourced_id, change) for change in heads}
	by_parent: dict[str, list[Change]] = defaultdict(list)
	for tie in ties:
		by_parent[apart(tie.sourced_id)[0]].append(tie)
	for parent, rows in by_parent.items():
		units.setdefault(parent, Unit(kind, parent)).ties = rows
	yield from units.values()
