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
	by_person: dict[Person, Family] = {}
	for pupil in pupils:
		if pupil.asked is None or pupil.outcome not in outcomes:
			continue
		adult = pupil.asked
		key = adult.person_doctype, adult.person
		adults = [(other.person_doctype, other.person) for other in pupil.adults]
		if key in by_person:
			family = by_person[key]
			family.people = [person for person in family.people if person in adults]
		else:
			family = by_person[key] = Family(
				[key, *(other for other in adults if other != key)], pupil.language, pupil.outcome
			)
		family.children.append(pupil)
	for family in by_person.values():
		family.children.sort(key=lambda child: (-(child.born or date.min).toordinal(), child.name))
	return sorted(
		by_person.values(),
		key=lambda kin: (kin.youngest.school, kin.youngest.group, kin.youngest.shown, kin.asked),
	)
