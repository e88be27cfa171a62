"""Families that a drive asks: one for each adult asked, whatever the number of children.

The letter goes to the youngest child's class. Children whose adults differ, as half-siblings' do, are one
family if the same adult is asked; then only adults of all these children may sign.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from school_dialer.consent_drive.students import Pupil

Person = tuple[str, str]


@dataclass(slots=True)
class Family:
	"""One family to ask. `people` are (DocType, name), the one asked first; `students` youngest first."""

	people: list[Person]
	language: str
	outcome: str
	children: list[Pupil] = field(default_factory=list)

	@property
	def asked(self) -> Person:
		return self.people[0]

	@property
	def students(self) -> list[str]:
		return [child.name for child in self.children]

	@property
	def youngest(self) -> Pupil:
		return self.children[0]


def wanted(pupils: Iterable[Pupil], outcomes: frozenset[str]) -> list[Family]:
	"""Return the families to ask, in the order of schools, classes and children's names."""
	found: dict[Person, Family] = {}
	for pupil in pupils:
		if pupil.asked is None or pupil.outcome not in outcomes:
			continue
		one = pupil.asked
		key = one.person_doctype, one.person
		adults = [(other.person_doctype, other.person) for other in pupil.adults]
		if key in found:
			family = found[key]
			family.people = [person for person in family.people if person in adults]
		else:
			family = found[key] = Family(
				[key, *(other for other in adults if other != key)], pupil.language, pupil.outcome
			)
		family.children.append(pupil)
	for family in found.values():
		family.children.sort(key=lambda child: (-(child.born or date.min).toordinal(), child.name))
	return sorted(
		found.values(),
		key=lambda one: (one.youngest.school, one.youngest.group, one.youngest.shown, one.asked),
	)
