"""The audience of a correction: the people who got the other campaign's message, each number once."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import itemgetter

import frappe
from frappe import _

from school_dialer.audience.base import Candidate, ContactFacts, Counted, FactsQuery, Source
from school_dialer.audience.corrected import hearers
from school_dialer.base.database import aliases
from school_dialer.base.refusal import throw

ORDER = {"Voice": 0, "Text": 1}


class Hearers(Source):
	"""Everyone who got what the campaign `corrects`, or may have, by the way in which they got it.

	Only those whom the correction does not have yet. Everyone who was called at one number is on one page,
	so that the planner makes one call of it.
	"""

	label = "Those who heard another campaign"
	person_doctype = "Dialer Recipient"
	"""None of its people is one: they are found by the source of their own DocType."""
	offered = False
	fixed = True

	def check(self) -> None:
		if not self.campaign.get("corrects"):
			throw(_("Press Correct This on the campaign that was wrong."))

	def households(self, after: str, limit: int) -> tuple[list[list[Candidate]], str | None]:
		ways, cursor = self.by_channel(after, limit)
		return ways.get(self.campaign.channel, []), cursor

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		households, cursor = self.households(after, limit)
		return [person for people in households for person in people], cursor

	def by_channel(self, after: str, limit: int) -> tuple[dict[str, list[list[Candidate]]], str | None]:
		"""Return ({channel: households}, next cursor) for up to `limit` numbers above the cursor.

		Someone who got a call and a text at one number gets a call. All are texted if the campaign texts.
		"""
		values = hearers.sql_values(self.campaign.corrects, self.campaign.get("name") or "")
		numbers = [
			phone
			for (phone,) in frappe.db.sql(
				f"""select distinct heard.phone {hearers.MISSING} and heard.phone > %(after)s
				order by heard.phone limit %(limit)s""",
				{**values, "after": after, "limit": limit},
			)
		]
		ways: dict[str, list[list[Candidate]]] = {}
		for rows in self.rows_of(numbers):
			channel = min((row.channel for row in rows), key=ORDER.__getitem__)
			if self.campaign.channel == "Text":
				channel = "Text"
			ways.setdefault(channel, []).extend([person] for person in people_of(rows))
		return ways, numbers[-1] if len(numbers) == limit else None

	def rows_of(self, numbers: list[str]) -> list[list[frappe._dict]]:
		"""Return what was heard at each of these numbers, one list for each."""
		if not numbers:
			return []
		rows = frappe.db.sql(
			f"select * from ({hearers.PEOPLE}) heard where heard.phone in %(numbers)s order by heard.phone",
			{**hearers.sql_values(self.campaign.corrects), "numbers": tuple(numbers)},
			as_dict=True,
		)
		name_as_now(rows)
		return [list(calls) for _phone, calls in groupby(rows, itemgetter("phone"))]

	def count(self) -> Counted:
		counts = hearers.counts(self.campaign.corrects, self.campaign.get("name") or "")
		return Counted(counts["people"], counts["people"])

	@classmethod
	def standings(cls, asked: list[FactsQuery], emergency: bool) -> dict[str, ContactFacts]:
		return {}


def name_as_now(rows: list[frappe._dict]) -> None:
	"""Let these rows name people and students as their records are called now."""
	for row in rows:
		row.students = json.loads(row.students or "[]")
	people = {(row.person_doctype, row.person) for row in rows}
	later = aliases.current(people | {("Student", student) for row in rows for student in row.students})
	for row in rows:
		row.person = later.get((row.person_doctype, row.person), row.person)
		row.students = [later.get(("Student", student), student) for student in row.students]


def people_of(rows: list[frappe._dict]) -> list[Candidate]:
	"""Return the people who were called at one number, each with the students they were called about.

	A call that several people share names the students of all: those that are known as another's are left to
	that person.
	"""
	of_person: dict[tuple, list[frappe._dict]] = defaultdict(list)
	for row in sorted(rows, key=lambda row: (row.person_doctype or "", row.person or "", row.language or "")):
		of_person[row.person_doctype, row.person, None if row.person else row.person_name].append(row)
	named = {key: students_of(row for row in calls if row.own) for key, calls in of_person.items()}
	people = []
	for key, calls in of_person.items():
		languages = [row.language for row in calls if row.language]
		people.append(
			Candidate(
				calls[0].person_doctype,
				calls[0].person,
				calls[-1].person_name or "",
				(calls[0].phone,),
				languages[-1] if languages else "",
				own_students(students_of(calls), named, key),
			)
		)
	return people


def students_of(rows: Iterable[frappe._dict]) -> tuple[str, ...]:
	return tuple(dict.fromkeys(student for row in rows for student in row.students))


def own_students(
	heard_of: tuple[str, ...], named: Mapping[tuple, tuple[str, ...]], key: tuple
) -> tuple[str, ...]:
	"""Return whom this person heard about without the students of others, or all if that leaves none."""
	others = {student for other, students in named.items() if other != key for student in students}
	left = tuple(student for student in heard_of if student in named[key] or student not in others)
	return left or heard_of
