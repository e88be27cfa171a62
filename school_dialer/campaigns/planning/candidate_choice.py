"""Choosing a number for each household.

A candidate number is one number of one person with the gate's decision. This module picks the best one, keeps
the lines to try after it, and merges people who share a number.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from operator import attrgetter

from school_dialer.audience.base import Candidate
from school_dialer.campaigns.call_order import ContactPoint
from school_dialer.gate import EligibilityResult, planned

VERDICT_ORDER = {"ALLOW": 0, "DEFER": 1, "BLOCK": 2}


@dataclass(frozen=True, slots=True)
class CandidateNumber:
	"""One number of one candidate.

	- `others`: lines to try when this one reaches no one.
	- `household`: the key of people who share a call by more than this number, else "".
	- `several_schools`: the students are of people who were each called in another school's name.
	- `added`: the person came into the audience after approval was asked for, and is not called.
	"""

	candidate: Candidate
	raw: str
	phone: str
	answer: EligibilityResult
	language: str = ""
	others: tuple[ContactPoint, ...] = ()
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
		one = self.candidate
		return digest(f"{one.person_doctype}:{one.person}:{one.person_name}")

	@property
	def line(self) -> ContactPoint:
		one = self.candidate
		return ContactPoint(
			self.phone,
			one.person_doctype,
			one.person,
			one.person_name[:140],
			one.language or self.language,
			self.answer.students,
		)

	@property
	def call_order(self) -> list[ContactPoint]:
		"""Return all lines in calling order; empty if there is no other line."""
		return [self.line, *self.others] if self.others else []

	def waits_like(self, school: str, order: int) -> bool:
		"""Return True if a call in this other school's name, with this verdict, is not refused either."""
		blocked = VERDICT_ORDER["BLOCK"]
		return school != self.answer.school and self.order < blocked and order < blocked

	@property
	def order(self) -> int:
		"""Return the sort order. People who may be called come first."""
		return VERDICT_ORDER[self.verdict]


def first_of(choices: list[CandidateNumber], share: bool) -> CandidateNumber:
	"""Return the best of a household's numbers, with the others that may be called behind it.

	`choices` are in calling order. `share`: the household is identified by all of these numbers together, so
	siblings share a call.
	"""
	best, *rest = sorted(choices, key=attrgetter("order"))
	if not rest:
		return best
	others = joined([option.line for option in rest if option.order < VERDICT_ORDER["BLOCK"]], best.phone)
	numbers = sorted({option.phone for option in choices if option.phone})
	household = digest(" ".join(numbers)) if share and len(numbers) > 1 else ""
	return replace(best, others=tuple(others), household=household)


def merged(one: CandidateNumber, other: CandidateNumber) -> CandidateNumber:
	"""Merge two people who share a number into one call.

	The person with the better verdict represents both. If the verdicts are equal, the call covers the
	students of both. It also does if only their schools' hours may differ: which of them speaks is decided
	once more at the moment of dialing, by all of the students.
	"""
	first, second = sorted((one, other), key=attrgetter("order"))
	if first.order == second.order or first.waits_like(second.answer.school, second.order):
		students = both(first.answer.students, second.answer.students)
		others = joined([*first.others, *second.others], first.phone)
		first = replace(
			first,
			answer=replace(first.answer, students=students),
			others=tuple(others),
			several_schools=first.answer.school != second.answer.school
			or first.several_schools
			or second.several_schools,
		)
	return first


def joined(lines: Iterable[ContactPoint], but: str = "") -> list[ContactPoint]:
	"""Return each number once, with all of its students, leaving out the number `but`."""
	found: dict[str, ContactPoint] = {}
	for line in lines:
		if line.phone == but:
			continue
		known = found.get(line.phone)
		found[line.phone] = replace(known, students=both(known.students, line.students)) if known else line
	return list(found.values())


def both(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
	return tuple(dict.fromkeys((*some, *others)))


def digest(text: str) -> str:
	return hashlib.sha256(text.encode()).hexdigest()
