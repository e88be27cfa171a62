"""Two classes with their families, in the transaction of the test."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.audience.base import Counted, Source, sources
from school_dialer.base import clock
from tests.integration import factories as make

FAMILIES = {
	"Ana": ("Mother", "Father"),
	"Ben": ("Mother",),
	"Cam": ("Aunt",),
	"Dan": ("Uncle",),
}
CLASSES = {"A": ("Ana", "Ben"), "B": ("Cam", "Dan"), "All": tuple(FAMILIES)}
GUARDIANS = "Guardians of a Student Group"
STUDENTS = "Students of a Student Group"


@dataclass
class Place:
	"""Two classes and their families, in which Ana and Ben are siblings.

	Every name begins with the tag, which results leave out.
	"""

	tag: str = field(default_factory=lambda: secrets.token_hex(3))
	phones: dict[str, str] = field(default_factory=dict)

	def named(self, name: str) -> str:
		return f"{self.tag}-{name}"

	def short(self, name: str) -> str:
		return name.removeprefix(f"{self.tag}-")

	def build(self) -> None:
		bulk = Bulk()
		adults = dict.fromkeys(adult for family in FAMILIES.values() for adult in family)
		self.phones = {adult: make.phone() for adult in adults}
		bulk.insert(
			"Guardian",
			[
				{
					"name": self.named(adult),
					"guardian_name": adult,
					"mobile_number": self.phones[adult],
					"occupation": "Baker" if adult == "Aunt" else None,
					"dialer_state": "IL",
				}
				for adult in adults
			],
		)
		bulk.insert(
			"Student",
			[
				{
					"name": self.named(child),
					"first_name": child,
					"student_name": child,
					"student_mobile_number": make.phone(),
					"enabled": 1,
					"city": "Joliet" if child == "Dan" else None,
					"date_of_birth": date(2010 + index, 1, 1),
					"guardians": [{"guardian": self.named(adult), "relation": "Mother"} for adult in family],
				}
				for index, (child, family) in enumerate(FAMILIES.items())
			],
		)
		bulk.insert(
			"Student Group",
			[
				{
					"name": self.named(name),
					"student_group_name": self.named(name),
					"students": [{"student": self.named(child), "active": 1} for child in members],
				}
				for name, members in CLASSES.items()
			],
		)
		frappe.get_doc(
			{"doctype": "Program", "program_name": self.named("P"), "name": self.named("P")}
		).db_insert()
		self.enrol("Ana", "Cam")

	def enrol(self, *children: str) -> None:
		year = frappe.db.get_single_value("Education Settings", "current_academic_year")
		self.insert(
			"Program Enrollment",
			*(
				{"student": self.named(child), "program": self.named("P"), "academic_year": year}
				for child in children
			),
		)

	def mark(self, child: str, status: str = "Absent", ago: int = 0, docstatus: int = 1) -> None:
		day = clock.db_now().date() - timedelta(days=ago)
		self.insert(
			"Student Attendance",
			{"student": self.named(child), "status": status, "date": day},
			docstatus=docstatus,
		)

	def bill(self, child: str, amount: float, due_in: int, docstatus: int = 1, currency: str = "USD") -> None:
		due = clock.db_now().date() + timedelta(days=due_in)
		fees = {"student": self.named(child), "outstanding_amount": amount, "due_date": due}
		self.insert("Fees", {**fees, "currency": currency}, docstatus=docstatus)

	def insert(self, doctype: str, *rows: dict, docstatus: int = 1) -> None:
		Bulk().insert(
			doctype, [{"name": secrets.token_hex(8), "docstatus": docstatus, **row} for row in rows]
		)

	def source(
		self, filters: dict | None = None, label: str = GUARDIANS, group: str = "All", **more
	) -> Source:
		asked = {"audience_source": label, "audience_name": self.named(group), "audience_file": None, **more}
		written = json.dumps(filters) if filters else None
		return sources()[label](frappe._dict(asked, audience_filters=written))

	def eligible(self, filters: dict | None = None, **more) -> dict[str, tuple[str, ...]]:
		"""Return `{person: students}`: the students that each eligible person is called about.

		It reads one person at a time, page by page, as planning does.
		"""
		source, cursor, found = self.source(filters, **more), "", {}
		while cursor is not None:
			households, cursor = source.eligible_households(cursor, 1)
			for one in (one for people in households for one in people):
				students = found.get(self.short(one.person), ()) + tuple(map(self.short, one.students))
				found[self.short(one.person)] = students
		return found

	def count(self, filters: dict | None = None, **more) -> Counted:
		return self.source(filters, **more).count()


@pytest.fixture
def place(clean_transaction: None) -> Place:
	made = Place()
	made.build()
	return made
