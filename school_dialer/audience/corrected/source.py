"""The audience of a correction: the people who got the other campaign's message, each number once."""

import json
from itertools import groupby
from operator import itemgetter

import frappe
from frappe import _

from school_dialer.audience.base import Candidate, ContactFacts, Counted, FactsQuery, Source
from school_dialer.audience.corrected import hearers
from school_dialer.refusal import throw

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
		return [one for people in households for one in people], cursor

	def by_channel(self, after: str, limit: int) -> tuple[dict[str, list[list[Candidate]]], str | None]:
		"""Return ({channel: households}, next cursor) for up to `limit` numbers above the cursor.

		Someone who got a call and a text at one number gets a call. All are texted if the campaign texts.
		"""
		values = hearers.of(self.campaign.corrects, self.campaign.get("name") or "")
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
			ways.setdefault(channel, []).extend([one] for one in people_of(rows))
		return ways, numbers[-1] if len(numbers) == limit else None

	def rows_of(self, numbers: list[str]) -> list[list[frappe._dict]]:
		"""Return what was heard at each of these numbers, one list for each."""
		if not numbers:
			return []
		rows = frappe.db.sql(
			f"select * from ({hearers.PEOPLE}) heard where heard.phone in %(numbers)s order by heard.phone",
			{**hearers.of(self.campaign.corrects), "numbers": tuple(numbers)},
			as_dict=True,
		)
		return [list(some) for _phone, some in groupby(rows, itemgetter("phone"))]

	def count(self) -> Counted:
		found = hearers.counts(self.campaign.corrects, self.campaign.get("name") or "")
		return Counted(found["people"], found["people"])

	@classmethod
	def standings(cls, asked: list[FactsQuery], emergency: bool) -> dict[str, ContactFacts]:
		return {}


def people_of(rows: list[frappe._dict]) -> list[Candidate]:
	"""Return the people who were called at one number, each with the students they were called about."""
	people: dict[tuple, Candidate] = {}
	for row in sorted(rows, key=lambda row: (row.person_doctype or "", row.person or "", row.language or "")):
		key = row.person_doctype, row.person, None if row.person else row.person_name
		before = people.get(key)
		students = [*(before.students if before else ()), *json.loads(row.students or "[]")]
		people[key] = Candidate(
			row.person_doctype,
			row.person,
			row.person_name or "",
			(row.phone,),
			row.language or (before.language if before else ""),
			tuple(dict.fromkeys(students)),
		)
	return list(people.values())
