"""A family as the school's records have it: children, guardians, numbers, rights, court orders, consents.

A number is a letter here, so that a family can be played anywhere: who plays it gives each letter a
number that no one else has. Nothing in this folder imports the app.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ALL, EMERGENCY_ONLY, COURT_ORDER = "All", "Emergency Only", "None by Court Order"
PARENTS = ("Mother", "Father")
ANY_PURPOSE = "All"
WRONG_NUMBER, THIS_SCHOOL = "wrong number", "this school"
DISTRICT = -1
"""Who calls, of schools with numbers from 0."""
SOON = 0
"""A consent that ends on the day of the calls, while the school waits."""

NOTATIONS = {
	"E.164": "+1{0}{1}{2}",
	"national": "({0}) {1}-{2}",
	"dots": "{0}.{1}.{2}",
	"label before": "(home) {0}-{1}-{2}",
	"label after": "{0}-{1}-{2} (cell)",
	"slash": "{0}-{1}-{2} / {3}-{4}-{5}",
	"or": "{0}-{1}-{2} or {3}-{4}-{5}",
	"unreadable": "ask at the office",
	"digits missing": "{0}-{1}-",
}
"""How a field is written, by area code, exchange, and line of each number."""
OF_TWO = ("slash", "or")
OF_NONE = ("unreadable", "digits missing")
UNKNOWN = ""
"""The language of a guardian whose record has none."""
PLAIN = ("E.164", "national", "dots")


@dataclass(frozen=True)
class Field:
	"""A phone field of a record: the numbers that a person reads there, and how they are written."""

	lines: tuple[str, ...]
	notation: str = "E.164"

	def written(self, numbers: Mapping[str, str]) -> str:
		"""Return the field's text. `numbers` has each letter's number, as +1 and ten digits."""
		lines = self.lines or tuple(numbers)[:1]
		parts = [part for line in lines for part in split(numbers[line])]
		return NOTATIONS[self.notation].format(*parts)


def split(number: str) -> tuple[str, str, str]:
	digits = number.removeprefix("+1")
	return digits[:3], digits[3:6], digits[6:]


@dataclass(frozen=True)
class Child:
	"""A student.

	`adult`: of age, so that the records are the student's. `left`: no longer at the school. `excused`: on
	approved leave. `school`: which one of a district.
	"""

	absent: bool = True
	adult: bool = False
	left: bool = False
	excused: bool = False
	school: int = 0


@dataclass(frozen=True)
class Guardian:
	"""A record of a person. `again`: it is another record of the guardian with this index."""

	mobile: Field | None
	other: Field | None = None
	language: str = "en"
	again: int | None = None

	@property
	def fields(self) -> tuple[Field, ...]:
		return tuple(filter(None, (self.mobile, self.other)))

	@property
	def lines(self) -> tuple[str, ...]:
		"""The numbers at which the guardian is called, in their order."""
		return tuple(dict.fromkeys(line for field in self.fields for line in field.lines))

	@property
	def unreadable(self) -> bool:
		return any(not field.lines for field in self.fields)


@dataclass(frozen=True)
class Link:
	"""A guardian of a child. `records`: what the school chose about the records, None for nothing."""

	guardian: int
	child: int
	relation: str = "Mother"
	permission: str = ALL
	records: str | None = None

	@property
	def receives(self) -> bool:
		return self.records == "Yes" if self.records else self.relation in PARENTS


@dataclass(frozen=True)
class Consent:
	"""What was agreed for a number: by this guardian, or by anyone at the number (None).

	`ends` is in how many days it ends: negative if it is over, `SOON`, or None if it does not end.
	"""

	line: str
	guardian: int | None = None
	purpose: str = ANY_PURPOSE
	ends: int | None = None

	def covers(self, guardian: int, line: str, purpose: str) -> bool:
		return (
			self.line == line
			and self.guardian in (None, guardian)
			and self.purpose in (ANY_PURPOSE, purpose)
			and (self.ends is None or self.ends >= SOON)
		)


@dataclass(frozen=True)
class OptOut:
	"""A stop at a number: of one purpose or school, of all but emergencies, everything, or as a stranger's.

	`guardian`: whose word it is, or None if only the number is known. `lifted`: the other numbers from which
	someone texted START since.
	"""

	line: str
	scope: str = "all non-emergency"
	purpose: str = ""
	guardian: int | None = None
	lifted: tuple[str, ...] = ()
	school: int | None = None

	def covers(self, purpose: str, school: int | None) -> bool:
		if self.scope in ("everything", WRONG_NUMBER):
			return True
		if self.scope == "this purpose":
			return purpose == self.purpose
		if self.scope == THIS_SCHOOL:
			return purpose != "Emergency" and school == self.school
		return purpose != "Emergency"


@dataclass(frozen=True)
class Family:
	"""`listeners`: for each number, what happens at the first call, the second, and so on; the last stays.

	`far`: numbers where it is too early to be called, all day long. `given`: numbers that were entered at
	another guardian than before.
	"""

	children: tuple[Child, ...]
	guardians: tuple[Guardian, ...]
	links: tuple[Link, ...]
	consents: tuple[Consent, ...]
	opt_outs: tuple[OptOut, ...] = ()
	listeners: tuple[tuple[str, tuple[str, ...]], ...] = ()
	far: tuple[str, ...] = ()
	given: tuple[str, ...] = ()

	@property
	def lines(self) -> tuple[str, ...]:
		"""Every number on record, each once."""
		return tuple(dict.fromkeys(line for one in self.guardians for line in one.lines))

	def holders(self, line: str) -> list[int]:
		return [index for index, one in enumerate(self.guardians) if line in one.lines]

	def person(self, guardian: int) -> int:
		"""Return the first record of the same person."""
		again = self.guardians[guardian].again
		return guardian if again is None else again

	def lines_of(self, person: int) -> list[str]:
		"""Return the numbers on all records of a person."""
		records = [one for index, one in enumerate(self.guardians) if self.person(index) == person]
		return list(dict.fromkeys(line for one in records for line in one.lines))

	def owners(self, line: str) -> list[int]:
		"""Return whose number it is: theirs who have it before their other numbers."""
		places = {one: self.guardians[one].lines.index(line) for one in self.holders(line)}
		return [one for one, place in places.items() if place == min(places.values())]

	def listens(self, line: str, attempt: int) -> str:
		behaviours = dict(self.listeners).get(line) or ("listens",)
		return behaviours[min(attempt, len(behaviours)) - 1]
