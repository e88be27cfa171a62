"""Made-up families with consents, calls and answers, and their reach counted in plain Python.

The count here reads nothing but what was drawn: neither the app's tables nor its rules.
"""

import json
import random
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import frappe

from dev.school.bulk import Bulk
from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.reporting.reach import contacts, counting, heard
from tests.integration import factories as make

LANGUAGES = ("", "en", "es", "vi")
STATES = ("agreed", "agreed", "agreed", "not asked", "stopped", "expired", "wrong", "unusable", "text only")
WHY = {"not asked": "not_asked", "expired": "lapsed", "stopped": "opted_out", "wrong": "opted_out"}
"""Why a number of this state can be neither called nor texted."""
AGREED = ("agreed", "stopped", "wrong", "unusable")
"""States of numbers for which the school had consent to everything."""
PERMISSIONS = ("All", "All", "All", "Emergency Only", "None by Court Order")
RESULTS = ("reached", "reached", "voicemail", "no answer", "busy", "hung up early")


@dataclass
class Adult:
	name: str
	phone: str
	state: str
	language: str
	mail: str


@dataclass
class Child:
	name: str
	school: str | None
	program: str
	guardians: list[tuple[Adult, str]] = field(default_factory=list)
	reached: list[tuple[datetime, str, str]] = field(default_factory=list)
	answered: list[datetime] = field(default_factory=list)

	def way(self, states: tuple[str, ...]) -> str:
		barred = {one.phone for one, permission in self.guardians if permission == PERMISSIONS[-1]}
		able = [
			one.name
			for one, permission in self.guardians
			if permission == "All" and one.state in states and one.phone not in barred
		]
		return able[0] if able else ""

	@property
	def call(self) -> str:
		return self.way(("agreed",))

	@property
	def text(self) -> str:
		return self.way(("agreed", "text only", "unusable"))

	@property
	def mail(self) -> str:
		barred = {one.mail for one, permission in self.guardians if permission == PERMISSIONS[-1]}
		able = [
			one.name
			for one, permission in self.guardians
			if permission == "All" and one.mail and one.mail not in barred
		]
		return able[0] if able else ""

	@property
	def family(self) -> str:
		numbers = [one.phone for one, permission in self.guardians if permission == "All"]
		return next(iter([*numbers, *(one.name for one, _permission in self.guardians)]), self.name)

	@property
	def why(self) -> str:
		"""Return why no guardian can be called or texted. Of several reasons, the one that comes first."""
		barred = {one.phone for one, permission in self.guardians if permission == PERMISSIONS[-1]}
		found = {
			"no_number" if one.phone in barred else WHY.get(one.state, "")
			for one, permission in self.guardians
			if permission == "All"
		}
		last = "not_allowed" if self.guardians else "no_guardian"
		return next((why for why in ("opted_out", "lapsed", "not_asked", "no_number") if why in found), last)

	@property
	def language(self) -> str:
		default = frappe.get_cached_doc("Dialer Settings").default_language or "en"
		return (self.guardians and self.guardians[0][0].language) or default


class World:
	"""One district's families. Names begin with a tag of their own. Nothing is committed."""

	def __init__(self, seed: int, schools: tuple[str | None, ...], count: int = 30):
		self.draw = random.Random(seed)
		self.tag = secrets.token_hex(4)
		self.group = f"{self.tag}-group"
		self.now = clock.db_now()
		self.since = (self.now - timedelta(days=20)).date()
		self.phones = make.many_phones(2 * count)
		self.adults: list[Adult] = []
		for index in range(count):
			self.adults.append(self.adult(index))
		self.children = [self.child(index, schools) for index in range(count)]
		self.logs: list[dict] = []
		self.elsewhere = self.phones.pop()

	def adult(self, index: int) -> Adult:
		name = f"{self.tag}-A{index}"
		before = self.adults[-1] if index and self.draw.random() < 0.1 else None
		return Adult(
			name,
			before.phone if before else self.phones.pop(),
			before.state if before else self.draw.choice(STATES),
			self.draw.choice(LANGUAGES),
			f"{name}@families.example" if self.draw.random() < 0.5 else "",
		)

	def child(self, index: int, schools: tuple[str | None, ...]) -> Child:
		one = Child(f"{self.tag}-S{index:03d}", self.draw.choice(schools), "")
		for adult in self.draw.sample(self.adults, self.draw.choice((0, 1, 1, 2, 2, 3))):
			one.guardians.append((adult, self.draw.choice(PERMISSIONS)))
		return one

	def open(self) -> None:
		"""Write the families, their consents, and what was called and answered."""
		self.write_people()
		make.consents([one.phone for one in self.adults if one.state in AGREED])
		for adult in self.adults:
			self.write_state(adult)
		for _call in range(60):
			self.write_call()
		for _answer in range(10):
			self.write_answer()
		bulk = Bulk()
		bulk.insert("Dialer Call Log", self.logs)

	def write_people(self) -> None:
		bulk = Bulk()
		bulk.insert(
			"Guardian",
			[
				{
					"name": one.name,
					"guardian_name": f"Name of {one.name}",
					"mobile_number": one.phone,
					"email_address": one.mail,
					"dialer_language": one.language or None,
					"dialer_state": "IL",
				}
				for one in self.adults
			],
		)
		bulk.insert(
			"Student",
			[
				{
					"name": one.name,
					"first_name": one.name,
					"student_name": one.name,
					"enabled": 1,
					"dialer_school": one.school,
					"guardians": [
						{
							"guardian": adult.name,
							"relation": "Mother",
							"dialer_contact_permission": permission,
						}
						for adult, permission in one.guardians
					],
				}
				for one in self.children
			],
		)
		members = [{"student": one.name, "active": 1} for one in self.children]
		bulk.insert(
			"Student Group", [{"name": self.group, "student_group_name": self.group, "students": members}]
		)

	def write_state(self, one: Adult) -> None:
		if one.state == "text only":
			make.consent(one.phone, channel="Text")
		if one.state == "expired":
			at = clock.now() - timedelta(days=100)
			make.consent(one.phone, at=at, expires_at=at + timedelta(days=60))
		if one.state == "stopped":
			ledger.opt_out(one.phone, evidence=make.evidence("Text", wording="STOP"))
		if one.state == "wrong":
			ledger.wrong_number(one.phone, evidence=make.evidence("Keypad", wording="3"))
		if one.state == "unusable":
			self.logs.append(self.log("unusable", self.now - timedelta(days=1), [], None, one.phone))

	def log(self, result: str, at: datetime, children: list[Child], adult: Adult | None, phone: str) -> dict:
		return {
			"name": secrets.token_hex(8),
			"status": "completed",
			"status_rank": 90,
			"result": result,
			"direction": "Outbound",
			"channel": "Voice",
			"verdict": "ALLOW",
			"purpose": "General",
			"phone": phone,
			"placed_at": at,
			"ended_at": at,
			"students": json.dumps([one.name for one in children]),
			"person_doctype": "Guardian" if adult else None,
			"person": adult.name if adult else None,
			"acknowledged": 0,
		}

	def write_call(self) -> None:
		children = self.draw.sample(self.children, self.draw.choice((1, 1, 2)))
		result, adult = self.draw.choice(RESULTS), self.draw.choice(self.adults)
		at = (self.now - timedelta(minutes=self.draw.randrange(2, 60 * 24 * 60))).replace(microsecond=0)
		row = self.log(result, at, children, adult, self.elsewhere)
		self.logs.append(row)
		if result != "reached":
			return
		row["channel"] = self.draw.choice(("Voice", "Text"))
		row["acknowledged"] = self.draw.choice((0, 0, 1))
		for one in children:
			one.reached.append((at, row["name"], adult.name))
			if row["acknowledged"]:
				one.answered.append(at)

	def write_answer(self) -> None:
		one = self.draw.choice(self.children)
		at = (self.now - timedelta(minutes=self.draw.randrange(2, 60 * 24 * 60))).replace(microsecond=0)
		answer = {"name": secrets.token_hex(8), "students": json.dumps([one.name]), "answered_at": at}
		Bulk().insert("Dialer Answer", [answer])
		one.answered.append(at)

	def count(self) -> None:
		"""Have the app count these students."""
		latest = heard.between(self.now - timedelta(days=61), self.now + timedelta(days=1))
		counting.count([one.name for one in self.children], latest, contacts.source())
		# The site's own rows may be of a version that did not count families.
		frappe.db.sql("update `tabDialer Reach` set family = name where family is null")

	def expected(self, children: list[Child]) -> tuple[int, ...]:
		"""Return the figures of these children in the order of `Figures`."""
		first = datetime.combine(self.since, datetime.min.time())
		return (
			len(children),
			sum(bool(one.call or one.text) for one in children),
			sum(any(at >= first for at, *_more in one.reached) for one in children),
			sum(any(at >= first for at in one.answered) for one in children),
			sum(not (one.call or one.text or one.mail) for one in children),
		)
