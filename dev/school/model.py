"""What a demo school consists of: plain records, free of Frappe, with the names they get on the site."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from dev.school.numbers import NONE, Number
from dev.school.places import Place

COMPANY = "Riverside School District"
ABBR = "RSD"
ALL, EMERGENCY_ONLY, COURT_ORDER = "All", "Emergency Only", "None by Court Order"
GRADES = ("Kindergarten", *(f"Grade {number}" for number in range(1, 13)))


@dataclass(frozen=True)
class SchoolYear:
	"""The school year that begins on August 1 of `start`."""

	start: int

	@classmethod
	def of(cls, day: date) -> SchoolYear:
		return cls(day.year if day.month >= 8 else day.year - 1)

	@property
	def name(self) -> str:
		return f"{self.start}-{self.start + 1}"

	@property
	def first_day(self) -> date:
		return date(self.start, 8, 1)

	@property
	def last_day(self) -> date:
		return date(self.start + 1, 7, 31)

	@property
	def before(self) -> SchoolYear:
		return SchoolYear(self.start - 1)

	def terms(self) -> tuple[tuple[str, date, date], ...]:
		turn = date(self.start + 1, 1, 1)
		return (
			("Fall", self.first_day, turn - timedelta(days=1)),
			("Spring", turn, self.last_day),
		)


@dataclass
class Guardian:
	name: str
	guardian_name: str
	gender: str
	language: str
	place: Place | None
	email: str
	date_of_birth: date
	occupation: str
	mobile: Number = NONE
	alternate: Number = NONE
	employee: str | None = None

	def numbers(self) -> list[str]:
		"""Return the distinct E.164 numbers of this guardian, the mobile one first."""
		return list(dict.fromkeys((*self.mobile.meant, *self.alternate.meant)))


@dataclass(frozen=True)
class Link:
	"""One guardian of one student."""

	guardian: str
	relation: str
	order: int
	permission: str = ALL
	records: bool = True


@dataclass
class Student:
	name: str
	first_name: str
	last_name: str
	gender: str
	date_of_birth: date
	joining_date: date
	grade: int
	language: str
	street: str
	place: Place
	email: str
	links: list[Link]
	mobile: Number = NONE
	siblings: list[str] = field(default_factory=list)
	left_on: date | None = None

	@property
	def full_name(self) -> str:
		return f"{self.first_name} {self.last_name}"


@dataclass
class Employee:
	name: str
	first_name: str
	last_name: str
	gender: str
	date_of_birth: date
	date_of_joining: date
	department: str
	designation: str
	cell: Number
	email: str
	instructor: str | None = None
	left_on: date | None = None

	@property
	def full_name(self) -> str:
		return f"{self.first_name} {self.last_name}"


@dataclass
class Group:
	"""A homeroom ("Batch") or an activity."""

	name: str
	based_on: str
	grade: int | None
	instructor: str
	students: list[str]
	inactive: list[str] = field(default_factory=list)


@dataclass
class Enrollment:
	name: str
	student: str
	grade: int
	year: SchoolYear
	date: date
	docstatus: int = 1


@dataclass
class Roster:
	seed: int
	today: date
	year: SchoolYear
	students: list[Student]
	guardians: list[Guardian]
	employees: list[Employee]
	groups: list[Group]
	enrollments: list[Enrollment]

	def student(self, name: str) -> Student:
		return self._index("students")[name]

	def guardian(self, name: str) -> Guardian:
		return self._index("guardians")[name]

	def _index(self, kind: str) -> dict:
		cache = self.__dict__.setdefault("_indexes", {})
		if kind not in cache:
			cache[kind] = {record.name: record for record in getattr(self, kind)}
		return cache[kind]

	def homeroom(self, student: str) -> Group | None:
		rooms = self.__dict__.setdefault("_homerooms", {})
		if not rooms:
			rooms.update({s: g for g in self.groups if g.based_on == "Batch" for s in g.students})
		return rooms.get(student)
