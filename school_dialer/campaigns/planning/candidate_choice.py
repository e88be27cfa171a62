"""Choosing a number for each household.

A candidate number is one number of one person with the gate's decision. This module picks the best one, keeps
the lines to try after it, and merges people who share a number.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from operator import attrgetter

from school_dialer.audience.base import Candidate
from school_dialer.campaigns.call_order import ContactPoint, by_person, joined
from school_dialer.compliance.vocabulary import RESTRICTED_CONTACT
from school_dialer.gate import EligibilityResult, planned

VERDICT_ORDER = {"ALLOW": 0, "DEFER": 1, "BLOCK": 2}


@dataclass(frozen=True, slots=True)
class CandidateNumber:
	"""One number of one candidate.

	- `language`: that of the school in whose name this person is called, for those whose own is not known.
	- `at_number`: that of another person at this number, which goes before the school's.
	- `parties`: who is informed at this number, each about their students; empty if it is this person alone.
	- `behind`: the same for the lines to try when this one reaches no one.
	- `withheld`: people who are not informed, each about these students, with the reason codes.
	- `household`: the key of people who share a call by more than this number, else "".
	- `several_schools`: the students are of people who were each called in another school's name.
	- `added`: the person came into the audience after approval was asked for, and is not called.
	"""

	candidate: Candidate
	raw: str
	phone: str
	answer: EligibilityResult
	language: str = ""
	at_number: str = ""
	parties: tuple[ContactPoint, ...] = ()
	behind: tuple[ContactPoint, ...] = ()
	withheld: tuple[tuple[ContactPoint, str], ...] = ()
	household: str = ""
	several_schools: bool = False
	added: bool = False

	@property
	def verdict(self) -> str:
		return "BLOCK" if self.added else self.answer.decision.verdict

	@property
	def codes(self) -> tuple[str, ...]:
		"""Return the codes of the reasons why this number may not be called, or not yet."""
		return (planned.ADDED,) if self.added else self.answer.decision.codes

	@property
	def household_key(self) -> str:
		"""Return the key that is unique in a campaign: the household or the number.

		Without a number it is the person, so that one person's missing number does not hide another's. It is
		a digest because the index treats names that differ only in accents or case as equal.
		"""
		if self.household or self.phone:
			return self.household or self.phone
		person = self.candidate
		return digest(f"{person.person_doctype}:{person.person}:{person.person_name}")

	@property
	def spoken(self) -> str:
		"""Return the language on record of this person or, if there is none, of another one here, or ""."""
		return self.candidate.language or self.at_number

	@property
	def line(self) -> ContactPoint:
		person = self.candidate
		return ContactPoint(
			self.phone,
			person.person_doctype,
			person.person,
			person.person_name[:140],
			self.spoken or self.language,
			self.answer.students,
		)

	@property
	def informed(self) -> tuple[ContactPoint, ...]:
		"""Return everyone who is informed at this number, each with their own students."""
		return self.parties or (self.line,)

	@property
	def others(self) -> list[ContactPoint]:
		"""Return the lines to try when this one reaches no one, each number once."""
		return joined(self.behind, self.phone)

	@property
	def why(self) -> str:
		return ", ".join(self.codes)

	@property
	def is_refused(self) -> bool:
		return self.order == VERDICT_ORDER["BLOCK"]

	@property
	def call_order(self) -> list[ContactPoint]:
		return [self.line, *self.others]

	@property
	def order(self) -> int:
		"""Return the sort order. People who may be called come first."""
		return VERDICT_ORDER[self.verdict]


def noting_left_out(option: CandidateNumber) -> CandidateNumber:
	"""Return the number with the students of whom its person may not hear there among those withheld.

	A person who is called about no student is asked about none at dialing either, and stays as is.
	"""
	left_out = option.answer.left_out
	if not left_out or not (option.is_refused or option.answer.students):
		return option
	why = planned.ADDED if option.added else RESTRICTED_CONTACT
	return replace(option, withheld=((replace(option.line, students=left_out), why),))


def first_of(choices: list[CandidateNumber], share: bool) -> CandidateNumber:
	"""Return the best of a household's numbers, with the others that may be called behind it.

	`choices` are in calling order. `share`: the household is identified by all of these numbers together, so
	siblings share a call.
	"""
	best, *rest = sorted(choices, key=attrgetter("order"))
	if not rest:
		return best
	numbers = sorted({option.phone for option in choices if option.phone})
	household = digest(" ".join(numbers)) if share and len(numbers) > 1 else ""
	further = [option for option in rest if not option.is_refused]
	withheld = (*best.withheld, *(point for option in further for point in option.withheld))
	return covering(
		replace(best, household=household, withheld=withheld), [option.line for option in further]
	)


def covering(best: CandidateNumber, further: Iterable[ContactPoint]) -> CandidateNumber:
	"""Return the number with these people: those at it are informed with it, the others are behind it."""
	points = by_person((*best.informed, *best.behind, *further))
	here = tuple(point for point in points if point.phone == best.phone)
	students = tuple(dict.fromkeys(student for point in here for student in point.students))
	same = students == best.answer.students
	return replace(
		best,
		answer=best.answer if same else replace(best.answer, students=students),
		parties=here if len(here) > 1 else best.parties,
		behind=tuple(point for point in points if point.phone != best.phone),
	)


def merged(earlier: CandidateNumber, other: CandidateNumber) -> CandidateNumber:
	"""Merge two people who share a number, or households of the same numbers, into one call.

	The person with the better verdict represents both. The call covers the students of both, each by their
	own parent's rights: all of them are decided on once more at the moment of dialing. A person who may not
	be called while the other may is not informed, and the reason is kept. Who was added after approval was
	asked for represents and joins no one.
	"""
	first, second = sorted((earlier, other), key=attrgetter("order", "added"))
	withheld = (*first.withheld, *second.withheld)
	spoken = first.spoken or (second.spoken if first.phone == second.phone else "")
	if second.is_refused and (not first.is_refused or second.added != first.added):
		refused = ((point, second.why) for point in second.informed)
		return replace(first, withheld=(*withheld, *refused), at_number=spoken)
	several = first.answer.school != second.answer.school or first.several_schools or second.several_schools
	return replace(
		covering(first, (*second.informed, *second.behind)),
		withheld=withheld,
		several_schools=several,
		at_number=spoken,
	)


def digest(text: str) -> str:
	return hashlib.sha256(text.encode()).hexdigest()
