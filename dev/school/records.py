"""Attendance, leave, results and fees of the students, each row as its own small record."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from dev.days import is_ordinary
from dev.school.model import Roster

DAYS = 10
ABSENT = 0.05
CRITERIA = (("Written", 60.0), ("Oral", 40.0))
EXAMINED = range(3, 9)
LETTERS = (("A", 90), ("B", 80), ("C", 70), ("D", 60), ("F", 0))
FEES = (("Materials", 120.0), ("Activities", 45.0))
WHOLE_FEE = sum(amount for _, amount in FEES)


@dataclass(frozen=True)
class Mark:
	"""One student on one day. `leave` means that leave was requested; only docstatus 1 counts."""

	student: str
	group: str
	day: date
	status: str
	leave: bool = False
	docstatus: int = 1


@dataclass(frozen=True)
class Result:
	student: str
	group: str
	scores: tuple[float, ...]

	@property
	def total(self) -> float:
		return sum(self.scores)

	@property
	def grade(self) -> str:
		return next(letter for letter, least in LETTERS if self.total >= least)


@dataclass(frozen=True)
class Fee:
	student: str
	outstanding: float


def school_days(until: date, count: int = DAYS) -> list[date]:
	"""Return the last `count` school days up to and including `until`, the earliest first."""
	days: list[date] = []
	day = until
	while len(days) < count:
		if is_ordinary(day):
			days.append(day)
		day -= timedelta(days=1)
	return days[::-1]


def attendance(roster: Roster, day: date) -> list[Mark]:
	"""Return all marks of one day.

	One absence was entered by mistake and canceled, another is still a draft.
	"""
	rng = random.Random(f"{roster.seed}:attendance:{day}")
	here = [
		(student.name, roster.homeroom(student.name).name)
		for student in roster.students
		if not student.left_on
	]
	absent = set(rng.sample(range(len(here)), round(len(here) * ABSENT)))
	marks = [
		Mark(student, group, day, "Absent", leave=rng.random() < 0.2)
		if index in absent
		else Mark(student, group, day, "Present")
		for index, (student, group) in enumerate(here)
	]
	mistaken, unsure = rng.sample([index for index in range(len(here)) if index not in absent], 2)
	marks[unsure] = Mark(*here[unsure], day, "Absent", docstatus=0)
	marks.append(Mark(*here[mistaken], day, "Absent", docstatus=2))
	return marks


def results(roster: Roster) -> list[Result]:
	"""Return the results of a mathematics test for grades 3 to 8."""
	rng = random.Random(f"{roster.seed}:results")
	return [
		Result(student, group.name, tuple(round(most * rng.uniform(0.45, 1.0)) for _, most in CRITERIA))
		for group in roster.groups
		if group.grade in EXAMINED
		for student in group.students
	]


def fees(roster: Roster) -> list[Fee]:
	"""Return this year's fees; about one in six is unpaid, wholly or in part."""
	rng = random.Random(f"{roster.seed}:fees")
	return [
		Fee(student.name, rng.choices((0.0, WHOLE_FEE, WHOLE_FEE / 2), (84, 12, 4))[0])
		for student in roster.students
		if not student.left_on
	]
