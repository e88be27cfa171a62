"""The 60 people who work at the school. Some of them are parents there too."""

from __future__ import annotations

import random
import unicodedata
from datetime import date, timedelta

from dev.school import names
from dev.school.model import Employee, Guardian, SchoolYear
from dev.school.numbers import NONE, STYLES, NumberBook
from dev.school.places import LOCAL_CODES

COUNT = 60
PARENTS = 12
POSTS = (
	("Teaching", "Teacher", 38),
	("Administration", "Principal", 1),
	("Administration", "Assistant Principal", 2),
	("Administration", "Registrar", 2),
	("Administration", "Secretary", 4),
	("Student Services", "Counselor", 4),
	("Student Services", "Nurse", 2),
	("Student Services", "Librarian", 1),
	("Facilities", "Custodian", 4),
	("Facilities", "Bus Driver", 2),
)
DEPARTMENTS = tuple(dict.fromkeys(department for department, _, _ in POSTS))
DESIGNATIONS = tuple(designation for _, designation, _ in POSTS)


def build(
	rng: random.Random, book: NumberBook, year: SchoolYear, couples: list[list[Guardian]]
) -> list[Employee]:
	"""Return the employees.

	Twelve of them are one of a couple among the guardians, with the same name and number.
	"""
	posts = [(department, designation) for department, designation, count in POSTS for _ in range(count)]
	eligible = [couple for couple in couples if all(in_latin_letters(guardian) for guardian in couple)]
	parents = [rng.choice(couple) for couple in rng.sample(eligible, PARENTS)]
	seats = dict(zip(sorted(rng.sample(range(COUNT), PARENTS)), parents, strict=True))
	employees, teachers = [], 0
	for index, (department, designation) in enumerate(posts):
		number, parent = index + 1, seats.get(index)
		gender = parent.gender if parent else rng.choice(("Female", "Male"))
		first, last = split_name(rng, parent, gender)
		employee = Employee(
			name=f"HR-EMP-{number:05d}",
			first_name=first,
			last_name=last,
			gender=gender,
			date_of_birth=date(year.start - rng.randint(25, 62), rng.randint(1, 12), rng.randint(1, 28)),
			date_of_joining=date(year.start - rng.randint(0, 20), 8, 1)
			+ timedelta(days=rng.randrange(0, 14)),
			department=department,
			designation=designation,
			cell=parent.mobile.again(rng.choice(STYLES)) if parent else book.take(LOCAL_CODES),
			email=f"staff{number:02d}@riverside.example",
		)
		if designation == "Teacher":
			teachers += 1
			employee.instructor = f"EDU-INS-{year.start}-{teachers:05d}"
		if parent:
			parent.employee, parent.guardian_name = employee.name, employee.full_name
		employees.append(employee)
	for employee in rng.sample([e for e in employees if e.designation == "Custodian"], 1):
		employee.left_on = year.first_day - timedelta(days=40)
	for employee in rng.sample([e for i, e in enumerate(employees) if i not in seats and not e.left_on], 2):
		employee.cell = NONE
	return employees


def split_name(rng: random.Random, parent: Guardian | None, gender: str) -> tuple[str, str]:
	if parent:
		first, _, last = parent.guardian_name.partition(" ")
		return first, last
	language = rng.choices(("en", "es", "vi"), (8, 2, 1))[0]
	return rng.choice(names.given(language, gender)), rng.choice(names.family(language))


def in_latin_letters(guardian: Guardian) -> bool:
	return unicodedata.name(guardian.guardian_name[0]).startswith("LATIN")
