"""One number of one person, and what becomes of two people who share it."""

import hashlib
from dataclasses import dataclass, replace
from operator import attrgetter

from school_dialer.audience.base import Candidate
from school_dialer.dialing.gate import Answer

VERDICT_ORDER = {"ALLOW": 0, "DEFER": 1, "BLOCK": 2}


@dataclass(frozen=True, slots=True)
class Option:
	"""One number of one candidate, with what the gate says of it."""

	candidate: Candidate
	raw: str
	phone: str
	answer: Answer

	@property
	def household_key(self) -> str:
		"""The number; without one, the person, so that nobody hides behind another's missing number. As a digest, since the
		index takes names that differ in accents or case for one."""
		if self.phone:
			return self.phone
		one = self.candidate
		return hashlib.sha256(f"{one.person_doctype}:{one.person}:{one.person_name}".encode()).hexdigest()

	@property
	def order(self) -> int:
		"""Who may be called comes first."""
		return VERDICT_ORDER[self.answer.decision.verdict]


def merged(one: Option, other: Option) -> Option:
	"""One call for two people on one number: who may be called speaks for both, about the students either may hear of."""
	first, second = sorted((one, other), key=attrgetter("order"))
	if first.order == second.order:
		students = both(first.answer.students, second.answer.students)
		first = replace(first, answer=replace(first.answer, students=students))
	return first


def both(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
	return tuple(dict.fromkeys((*some, *others)))
