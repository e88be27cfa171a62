"""Students with their families: two parents, one, separated, with step-parents and grandparents."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

from dev.school import names
from dev.school.model import COURT_ORDER, EMERGENCY_ONLY, GRADES, Guardian, Link, SchoolYear, Student
from dev.school.numbers import NONE, STYLES, Number, NumberBook
from dev.school.places import AWAY, LOCAL, LOCAL_CODES, STREETS, Place

LANGUAGES = {"en": 62, "es": 22, "zh": 6, "ar": 5, "vi": 5}
KINDS = {"two parents": 58, "separated": 18, "one parent": 10, "grandparent too": 14}
CHILDREN = {1: 66, 2: 26, 3: 7, 4: 1}
OCCUPATIONS = (
	"Nurse",
	"Driver",
	"Cook",
	"Electrician",
	"Accountant",
	"Engineer",
	"Cashier",
	"Welder",
	"Designer",
	"",
)


class Families:
	"""Builds families until there are `count` students; read `students` and `guardians` afterwards."""

	def __init__(self, rng: random.Random, book: NumberBook, year: SchoolYear, count: int):
		self.rng, self.book, self.year, self.count = rng, book, year, count
		self.students: list[Student] = []
		self.guardians: list[Guardian] = []
		self.couples: list[list[Guardian]] = []
		self.separated: list[tuple[Guardian, Guardian, list[Student]]] = []
		self.grades = [number % len(GRADES) for number in range(count)]
		rng.shuffle(self.grades)

	def build(self) -> None:
		while len(self.students) < self.count:
			self.add_family(self.pick(KINDS), self.pick(LANGUAGES))
		self.restrict()

	def pick(self, weights: dict):
		return self.rng.choices(tuple(weights), tuple(weights.values()))[0]

	def pick_place(self, away: float) -> Place:
		return self.rng.choice(AWAY if self.rng.random() < away else LOCAL)

	def add_family(self, kind: str, language: str) -> None:
		rng = self.rng
		place = self.pick_place(0.2)
		surname = rng.choice(names.family(language))
		if language == "es" and rng.random() < 0.6:
			surname = f"{surname} {rng.choice(names.family(language))}"
		mother = self.add_guardian("Female", language, place, surname)
		parents = [(mother, "Mother")]
		if kind != "one parent":
			apart = kind == "separated"
			home = self.pick_place(0.4) if apart else place
			father = self.add_guardian("Male", language, home, surname)
			parents.append((father, "Father"))
			if apart and rng.random() < 0.5:
				parents.append(
					(self.add_guardian("Male", "en", place, rng.choice(names.family("en"))), "Others")
				)
		if kind in ("two parents", "grandparent too"):
			self.share_landline(mother, father, place)
			self.couples.append([mother, father])
		if kind == "grandparent too":
			parents.append(
				(self.add_guardian(rng.choice(("Female", "Male")), language, place, surname), "Others")
			)
		children = self.add_children(parents, language, place, surname, self.pick(CHILDREN))
		if kind == "separated":
			self.separated.append((mother, father, children))
			if rng.random() < 0.25 and len(self.students) < self.count:
				self.add_second_family(father, home, language, surname)

	def add_second_family(self, father: Guardian, home: Place, language: str, surname: str) -> None:
		"""Add a child of a separated father and his new partner: one guardian of two households."""
		partner = self.add_guardian("Female", language, home, self.rng.choice(names.family(language)))
		self.add_children([(partner, "Mother"), (father, "Father")], language, home, surname, 1)

	def add_guardian(self, gender: str, language: str, place: Place, surname: str) -> Guardian:
		rng, number = self.rng, len(self.guardians) + 1
		full_name = f"{rng.choice(names.given(language, gender))} {surname}"
		if language in names.NATIVE and rng.random() < 0.12:
			full_name = rng.choice(names.NATIVE[language])
		kept_old_number = rng.random() < 0.05
		guardian = Guardian(
			name=f"EDU-GRD-{self.year.start}-{number:05d}",
			guardian_name=full_name,
			gender=gender,
			language="" if language == "en" and rng.random() < 0.1 else language,
			place=None if rng.random() < 0.04 else place,
			email=f"family{number:04d}@example.org",
			date_of_birth=date(self.year.start - rng.randint(27, 52), rng.randint(1, 12), rng.randint(1, 28)),
			occupation=rng.choice(OCCUPATIONS),
			mobile=self.book.take(rng.choice(AWAY).area_codes if kept_old_number else place.area_codes),
		)
		if rng.random() < 0.15:
			guardian.alternate = self.book.take(place.area_codes)
		self.guardians.append(guardian)
		return guardian

	def share_landline(self, mother: Guardian, father: Guardian, place: Place) -> None:
		if self.rng.random() < 0.25:
			mother.alternate = self.book.take(place.area_codes)
			father.alternate = mother.alternate.again(self.rng.choice(STYLES))

	def add_children(
		self, parents: list[tuple[Guardian, str]], language: str, place: Place, surname: str, wanted: int
	) -> list[Student]:
		rng, children = self.rng, []
		street = f"{rng.randint(1, 399)} {rng.choice(STREETS)}"
		spoken = "en" if language != "en" and rng.random() < 0.3 else language
		for _ in range(min(wanted, self.count - len(self.students))):
			grade, gender = self.grades[len(self.students)], rng.choice(("Female", "Male"))
			number = len(self.students) + 1
			birthday = date(self.year.start - 6 - grade, 9, 1) + timedelta(days=rng.randrange(365))
			links = [
				Link(guardian.name, relation, order, records=relation != "Others" or rng.random() < 0.5)
				for order, (guardian, relation) in enumerate(parents, 1)
			]
			student = Student(
				name=f"EDU-STU-{self.year.start}-{number:05d}",
				first_name=rng.choice(names.given(language, gender)),
				last_name=surname,
				gender=gender,
				date_of_birth=birthday,
				joining_date=self.joined(grade),
				grade=grade,
				language=spoken,
				street=street,
				place=place,
				email=f"student{number:04d}@students.example.org",
				links=links,
				mobile=self.student_mobile(grade, place),
			)
			self.students.append(student)
			children.append(student)
		for child in children:
			child.siblings = [other.name for other in children if other is not child]
		return children

	def joined(self, grade: int) -> date:
		"""Return the enrollment day: mostly in August, years ago, never after this school year began."""
		years = self.rng.randint(0, min(grade, 5))
		return date(self.year.start - years, 8, 1) + timedelta(days=self.rng.randrange(0, 20))

	def student_mobile(self, grade: int, place: Place) -> Number:
		return self.book.take(place.area_codes) if grade >= 9 and self.rng.random() < 0.6 else NONE

	def restrict(self) -> None:
		"""Bar one separated father by court order, and mark a few parents as emergency only.

		The barred father's number remains the other parent's second one: a line shared with him.
		"""
		whole = [
			(mother, father)
			for mother, father, children in self.separated
			if len(children) > 1 and self.children_of(father) == children
		]
		mother, barred = whole[0]
		barred.mobile, barred.alternate = self.book.take(LOCAL_CODES), NONE
		mother.alternate = barred.mobile.again("{0}-{1}-{2}")
		self.set_permission(barred, COURT_ORDER, records=False)
		for father in self.rng.sample([f for _, f, _ in self.separated if f is not barred], 4):
			self.set_permission(father, EMERGENCY_ONLY, records=True)

	def children_of(self, guardian: Guardian) -> list[Student]:
		return [s for s in self.students if any(link.guardian == guardian.name for link in s.links)]

	def set_permission(self, guardian: Guardian, permission: str, records: bool) -> None:
		for student in self.children_of(guardian):
			student.links = [
				replace(link, permission=permission, records=records)
				if link.guardian == guardian.name
				else link
				for link in student.links
			]
