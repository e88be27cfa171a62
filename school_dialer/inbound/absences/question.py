"""The question that a text about an absence is answered with, and what a number says to it. Pure Python.

A number chooses a child; the words never do. The choice is made once, within HOLDS_FOR. Afterwards 0 takes
the report back, and the same number again changes nothing.
"""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, time, timedelta

from school_dialer.inbound.absences.intent import Intent
from school_dialer.inbound.absences.kinds import LATE

HOLDS_FOR = timedelta(hours=2)
NONE_OF_THEM = 0
LONGEST_INITIAL = 3
MOST_ANSWER = 40
CHOSEN, DECLINED, TAKEN_BACK, REPEATED = "chosen", "declined", "taken back", "repeated"


@dataclass(frozen=True, slots=True)
class Question:
	"""What was asked, and what became of it.

	`students` are in the order of their numbers, from 1. `day` is a date in ISO form, `expected` a time in
	ISO form or "". `waited`: the conversation waited for staff before. `answer`: the numbers of the answer,
	None while it is open. `reports` are those that the answer made.
	"""

	kind: str
	day: str
	language: str
	reason: str
	students: tuple[str, ...]
	expected: str = ""
	whole: bool = True
	waited: bool = False
	answer: tuple[int, ...] | None = None
	reports: tuple[str, ...] = ()

	@classmethod
	def about(cls, intent: Intent, day: date, students: Sequence[str], waited: bool) -> "Question":
		expected = intent.expected.isoformat() if intent.expected else ""
		return cls(
			intent.kind,
			day.isoformat(),
			intent.language,
			intent.reason,
			tuple(students),
			expected,
			intent.whole,
			waited,
		)

	@classmethod
	def of(cls, text: str) -> "Question":
		values = json.loads(text)
		answer = values.pop("answer")
		return cls(
			**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()},
			answer=None if answer is None else tuple(answer),
		)

	@property
	def text(self) -> str:
		return json.dumps(asdict(self), sort_keys=True)

	@property
	def is_late(self) -> bool:
		return self.kind == LATE

	@property
	def on(self) -> date:
		return date.fromisoformat(self.day)

	@property
	def at(self) -> time | None:
		return time.fromisoformat(self.expected) if self.expected else None

	def answered(self, answer: tuple[int, ...], reports: Sequence[str] = ()) -> "Question":
		return replace(self, answer=answer, reports=tuple(reports))


@dataclass(frozen=True, slots=True)
class Answer:
	"""What a text does to a question: one of the outcomes above, and the numbers it chose."""

	outcome: str
	numbers: tuple[int, ...] = ()


def answer_in(text: str, question: Question) -> Answer | None:
	"""Return what a text that answers the question does, or None if it answers nothing."""
	numbers = numbers_in(text)
	if not numbers or len(set(numbers)) < len(numbers):
		return None
	if question.answer is None:
		if numbers == (NONE_OF_THEM,):
			return Answer(DECLINED, numbers)
		return Answer(CHOSEN, numbers) if all(0 < one <= len(question.students) for one in numbers) else None
	if numbers == question.answer:
		return Answer(REPEATED, numbers)
	if numbers == (NONE_OF_THEM,) and question.reports:
		return Answer(TAKEN_BACK, numbers)
	return None


def numbers_in(text: str) -> tuple[int, ...]:
	"""Return the digits of a text that has nothing else but spaces and punctuation: "1", "1, 2", "1 & 2".

	Digits of any script count. Anything else returns an empty tuple.
	"""
	plain = unicodedata.normalize("NFKC", text[:MOST_ANSWER])
	if len(text) > MOST_ANSWER or any(character.isalpha() for character in plain):
		return ()
	runs = "".join(character if character.isdecimal() else " " for character in plain).split()
	return tuple(int(run) for run in runs) if runs and all(len(run) == 1 for run in runs) else ()


def initials(names: Sequence[str]) -> list[str] | None:
	"""Return the shortest beginnings that tell these first names apart, each with a period: "A.", "L.".

	Returns None if a whole name is needed to distinguish them.
	"""
	plain = [unicodedata.normalize("NFC", name).strip() for name in names]
	for length in range(1, LONGEST_INITIAL + 1):
		short = [name[:length] for name in plain]
		if not all(short) or len({short_one.casefold() for short_one in short}) < len(short):
			continue
		whole = any(len(name) <= length for name in plain)
		return None if whole else [f"{short_one}." for short_one in short]
	return None
