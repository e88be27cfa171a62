"""Homerooms, activities and enrollments of the school year, with the loose ends that real ones have."""

from __future__ import annotations

import random
from datetime import timedelta

from dev.school.model import GRADES, Employee, Enrollment, Group, SchoolYear, Student

ACTIVITIES = (("Chess Club", 18), ("Marching Band", 34), ("Girls Soccer", 22))
LEFT = 8


def leave_school(rng: random.Random, students: list[Student], year: SchoolYear) -> None:
	"""Let a few students move away during the summer; their records stay."""
	for student in rng.sample(
		[s for s in students if s.joining_date < year.first_day and not s.siblings], LEFT
	):
		student.left_on = year.first_day - timedelta(days=rng.randint(5, 50))


def groups(
	rng: random.Random, students: list[Student], staff: list[Employee], year: SchoolYear
) -> list[Group]:
	teachers = iter([employee.instructor for employee in staff if employee.instructor])
	present = [student for student in students if not student.left_on]
	made = []
	for grade, program in enumerate(GRADES):
		members = [student.name for student in present if student.grade == grade]
		for letter, half in zip("AB", (members[::2], members[1::2]), strict=True):
			made.append(Group(f"{program} {letter} ({year.name})", "Batch", grade, next(teachers), half))
	for activity, size in ACTIVITIES:
		pool = [s.name for s in present if s.grade >= 4 and ("Girls" not in activity or s.gender == "Female")]
		members = sorted(rng.sample(pool, size))
		made.append(Group(activity, "Activity", None, next(teachers), members, inactive=members[-2:]))
	return made


def enrollments(rng: random.Random, students: list[Student], year: SchoolYear) -> list[Enrollment]:
	"""Return this year's and last year's enrollments, and a few canceled or unsubmitted ones.

	This year's are of the students who are here, last year's of those who were.
	"""
	rows = []

	def add(student: Student, grade: int, when: SchoolYear, docstatus: int = 1) -> None:
		day = max(when.first_day, student.joining_date)
		rows.append(
			Enrollment(f"EDU-ENR-{when.start}-{len(rows) + 1:05d}", student.name, grade, when, day, docstatus)
		)

	for student in students:
		if not student.left_on:
			add(student, student.grade, year)
		if student.joining_date < year.first_day and student.grade > 0:
			add(student, student.grade - 1, year.before)
	present = [student for student in students if not student.left_on]
	for docstatus, student in zip((0, 0, 2, 2, 2), rng.sample(present, 5), strict=True):
		add(student, (student.grade + 1) % len(GRADES), year, docstatus)
	return rows
