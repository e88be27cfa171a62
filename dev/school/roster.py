"""A whole school from a seed: 600 students, their guardians and 60 staff, the same on every machine."""

from __future__ import annotations

import random
from datetime import date

from dev.school import classes, oddities, staff
from dev.school.families import Families
from dev.school.model import Roster, SchoolYear
from dev.school.numbers import NumberBook

SEED = 20
STUDENTS = 600


def build(seed: int = SEED, today: date | None = None) -> Roster:
	"""Return the roster as of `today` (by default the current date).

	Everything follows from the seed and the school year of that day.
	"""
	today = today or date.today()
	year = SchoolYear.of(today)

	def dice(part: str) -> random.Random:
		return random.Random(f"{seed}:{part}")

	book = NumberBook(dice("numbers"))
	families = Families(dice("families"), book, year, STUDENTS)
	families.build()
	students, guardians = families.students, families.guardians
	employees = staff.build(dice("staff"), book, year, families.couples)
	for student in students:
		student.joining_date = min(student.joining_date, today)
	for employee in employees:
		employee.date_of_joining = min(employee.date_of_joining, today)
	classes.leave_school(dice("leaving"), students, year)
	oddities.spread(dice("oddities"), guardians, students)
	return Roster(
		seed=seed,
		today=today,
		year=year,
		students=students,
		guardians=guardians,
		employees=employees,
		groups=classes.groups(dice("groups"), students, employees, year),
		enrollments=classes.enrollments(dice("enrollments"), students, year),
	)
