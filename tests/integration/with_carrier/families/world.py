"""Families of drawn courses as records of a school, each with numbers and names that no other one has."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import frappe

from dev.school.bulk import Bulk
from school_dialer.base import clock
from school_dialer.consent import ledger
from tests.families.course import NEW, Course
from tests.families.school import Family
from tests.families.story import GUARDIANS
from tests.integration import factories as make

STRANGER = "Z"
FAR = "808"
"""Hawaii, where it is before eight when it is half past ten in the morning at the school."""
CONSONANTS, VOWELS = "bdfghklmnprstvz", "aeiou"
SYLLABLES = [consonant + vowel for consonant in CONSONANTS for vowel in VOWELS]
ADULT, MINOR = date(2001, 5, 1), date(2016, 5, 1)
GIVEN = timedelta(days=60)
WAIT_MINUTES = 65
SOON_DAYS = 60 / (24 * 60)
"""A consent that ends soon does so while the school waits, and not before."""

VOICE = {
	"listens": {"behaviour": "follows"},
	"unsure": {"behaviour": "follows", "answered_by": "unknown"},
	"silent": {"behaviour": "answers", "answered_by": "unknown"},
	"no answer": {"behaviour": "no answer"},
	"busy": {"behaviour": "busy"},
	"fails": {"behaviour": "fails"},
	"voicemail": {"behaviour": "voicemail", "beep": True},
	"hangs up": {"behaviour": "hangs up", "after_seconds": 1},
	"presses 9": {"behaviour": "presses", "digits": "9", "after": 1},
	"refused": {"refuse": 21211},
	"screens": {"behaviour": "screens"},
}
"""What a person does who is called, by the model's word."""
TEXTED = {
	"no answer": {"delivery": "sent"},
	"fails": {"delivery": "undelivered", "error": 30003},
	"presses 9": {"delivery": "delivered", "reply": "STOP", "after": 1},
}
"""What becomes of a text to them. All others get it."""


@dataclass
class Household:
	"""One family: its course, the names of its records, and the number of each of its letters."""

	course: Course
	key: str
	names: list[str]
	numbers: dict[str, str]
	guardians: list[str] = field(init=False)
	children: list[str] = field(init=False)
	attendance: dict[int, str] = field(default_factory=dict)
	leaves: dict[int, str] = field(default_factory=dict)
	renamed: dict[int, datetime] = field(default_factory=dict)
	"""When guardians' records got another name, in site time."""

	def __post_init__(self):
		self.guardians = [self.enrolled(number) for number in range(len(self.family.guardians))]
		self.children = [self.enrolled_child(index) for index in range(len(self.family.children))]

	@property
	def family(self) -> Family:
		return self.course.family

	def child(self, index: int) -> str:
		return self.children[index]

	def enrolled_child(self, index: int) -> str:
		return f"{self.key}-C{index}"

	def enrolled(self, guardian: int) -> str:
		"""Return the name of a guardian's record as it was entered. It may be renamed (`renamed`)."""
		return f"{self.key}-G{guardian}"

	def address(self, guardian: int) -> str:
		return f"{self.key}-{self.family.person(guardian)}@family.example"


class World:
	"""A group with the families of these courses, which share one script. Does not commit.

	`schools` are those of a district.
	"""

	def __init__(self, courses: Sequence[Course], schools: Sequence[str] = ()):
		self.schools = schools
		self.script = courses[0].script
		self.tag = secrets.token_hex(3)
		self.group = f"{self.tag}-group"
		self.households = list(self.settle(courses))
		self.at = {one.numbers[line]: (one, line) for one in self.households for line in one.numbers}
		self.named = {name: (one, index) for one in self.households for index, name in enumerate(one.names)}

	def settle(self, courses: Sequence[Course]) -> Iterator[Household]:
		letters = [[*course.family.lines, STRANGER, NEW] for course in courses]
		numbers = iter(make.many_phones(sum(map(len, letters))))
		far = iter(make.many_phones(sum(len(course.family.far) for course in courses), (FAR,)))
		names = first_names()
		for index, course in enumerate(courses):
			key = f"{self.tag}-{index}"
			yield Household(
				course,
				key,
				[next(names) for _child in course.family.children],
				{letter: next(far if letter in course.family.far else numbers) for letter in letters[index]},
			)

	def enroll(self) -> None:
		"""Insert the records, and consents and opt-outs of before."""
		bulk = Bulk()
		bulk.insert("Guardian", [row for one in self.households for row in guardian_rows(one)])
		students = [row for one in self.households for row in student_rows(one, self.schools)]
		bulk.insert("Student", students)
		members = [{"student": row["name"], "active": 1} for row in students]
		group = {"name": self.group, "student_group_name": self.group, "group_based_on": "Activity"}
		bulk.insert("Student Group", [{**group, "students": members}])
		drafts = [draft for one in self.households for draft in ledger_drafts(one)]
		if drafts:
			ledger.record_many(drafts)
		if self.script.about_records:
			self.take_attendance(bulk)

	def take_attendance(self, bulk: Bulk) -> None:
		"""Submit an attendance record for each child, in bulk."""
		rows = []
		for one in self.households:
			for index, child in enumerate(one.family.children):
				name = f"{one.child(index)}-today"
				status = "Absent" if child.absent else "Present"
				rows.append(
					{
						"name": name,
						"student": one.child(index),
						"date": clock.db_now().date(),
						"status": status,
						"student_group": self.group,
						"docstatus": 1,
					}
				)
				one.attendance[index] = name
		bulk.insert("Student Attendance", rows)

	def people(self) -> dict[str, dict]:
		"""Return what the people at all numbers do, for the carrier.

		Other texts than the campaign's go out too, so what becomes of a text does not depend on its place.
		"""
		found = {}
		for one in self.households:
			for line, number in one.numbers.items():
				behaviors = dict(one.family.listeners).get(line) or ("listens",)
				text = TEXTED.get(behaviors[0], {"delivery": "delivered"})
				found[number] = {"attempts": [{**VOICE[word], "text": text} for word in behaviors]}
		return found

	def leave(self) -> None:
		"""Delete the school's own records. What the app wrote stays, as at a school."""
		mine = f"{self.tag}-%"
		for doctype in ("Student Attendance", "Student Leave Application"):
			frappe.db.delete(doctype, {"student": ("like", mine)})
		for doctype in ("Student Group", "Student", "Guardian"):
			frappe.db.delete(doctype, {"name": ("like", mine)})
		for doctype in ("Student Guardian", "Student Group Student"):
			frappe.db.delete(doctype, {"parent": ("like", mine)})
		frappe.db.commit()


def first_names() -> Iterator[str]:
	"""Yield names that a computer says as they are written, and that no word of a message equals."""
	for first in SYLLABLES:
		for second in SYLLABLES:
			for third in SYLLABLES[::7]:
				yield (first + second + third).capitalize()


def guardian_rows(one: Household) -> Iterator[dict]:
	for index, (name, person) in enumerate(zip(one.guardians, one.family.guardians, strict=True)):
		yield {
			"name": name,
			"guardian_name": f"{GUARDIANS[index]} Tested",
			"mobile_number": person.mobile and person.mobile.written(one.numbers),
			"alternate_number": person.other and person.other.written(one.numbers),
			"dialer_language": person.language or None,
			"email_address": one.address(index),
		}


def student_rows(one: Household, schools: Sequence[str]) -> Iterator[dict]:
	for index, child in enumerate(one.family.children):
		links = [
			{
				"guardian": one.guardians[link.guardian],
				"relation": link.relation,
				"dialer_contact_permission": link.permission,
				"dialer_may_receive_records": link.records,
			}
			for link in one.family.links
			if link.child == index
		]
		yield {
			"name": one.child(index),
			"first_name": one.names[index],
			"student_name": f"{one.names[index]} Tested",
			"enabled": int(not child.left),
			"dialer_school": schools[child.school] if schools else None,
			"date_of_birth": ADULT if child.adult else MINOR,
			"guardians": links,
		}


def ledger_drafts(one: Household) -> Iterator[dict]:
	given = clock.now() - GIVEN
	for consent in one.family.consents:
		ends = None if consent.ends is None else clock.now() + timedelta(days=consent.ends or SOON_DAYS)
		person = None if consent.guardian is None else one.guardians[consent.guardian]
		yield {
			"kind": "Grant",
			"phone": one.numbers[consent.line],
			"purpose": consent.purpose,
			"basis": "number provided",
			"evidence": make.evidence(),
			"at": given,
			"expires_at": ends,
			"person_doctype": "Guardian" if person else None,
			"person": person,
		}
	for stop in one.family.opt_outs:
		yield {
			"kind": "Opt Out",
			"phone": one.numbers[stop.line],
			"scope": stop.scope,
			"purpose": stop.purpose or "All",
			"evidence": make.evidence("Agent"),
			"at": given + timedelta(days=1),
		}
