"""One number of one person with what the gate says of it, the lines to try after it, and what becomes of two who share it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from operator import attrgetter

from school_dialer.audience.base import Candidate
from school_dialer.campaigns.call_order import ContactPoint
from school_dialer.gate import EligibilityResult

VERDICT_ORDER = {"ALLOW": 0, "DEFER": 1, "BLOCK": 2}


@dataclass(frozen=True, slots=True)
class CandidateNumber:
	"""One number of one candidate. ``others`` are tried when it does not lead to anybody; ``household`` names those who share
	a call by more than this number."""

	candidate: Candidate
	raw: str
	phone: str
	answer: EligibilityResult
	language: str = ""
	others: tuple[ContactPoint, ...] = ()
	household: str = ""

	@property
	def household_key(self) -> str:
		"""The number; without one, the person, so that nobody hides behind another's missing number. As a digest, since the
		index takes names that differ in accents or case for one."""
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
		"""Empty when there is no other line."""
		return [self.line, *self.others] if self.others else []

	@property
	def order(self) -> int:
		"""Who may be called comes first."""
		return VERDICT_ORDER[self.answer.decision.verdict]


def first_of(choices: list[CandidateNumber], share: bool) -> CandidateNumber:
	"""Of the numbers of a household, in order: the best one, with the others that may be called behind it.

	``share``: the household is who has all these numbers, so that brothers and sisters share a call.
	"""
	best, *rest = sorted(choices, key=attrgetter("order"))
	if not rest:
		return best
	others = joined([option.line for option in rest if option.order < VERDICT_ORDER["BLOCK"]], best.phone)
	numbers = sorted({option.phone for option in choices if option.phone})
	household = digest(" ".join(numbers)) if share and len(numbers) > 1 else ""
	return replace(best, others=tuple(others), household=household)


def merged(one: CandidateNumber, other: CandidateNumber) -> CandidateNumber:
	"""One call for two people on one number: who may be called speaks for both, about the students either may hear of."""
	first, second = sorted((one, other), key=attrgetter("order"))
	if first.order == second.order:
		students = both(first.answer.students, second.answer.students)
		others = joined([*first.others, *second.others], first.phone)
		first = replace(first, answer=replace(first.answer, students=students), others=tuple(others))
	return first


def joined(lines: Iterable[ContactPoint], but: str = "") -> list[ContactPoint]:
	"""Each number once, with all its students, without this one."""
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
