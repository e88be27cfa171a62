"""Who knows by now what a campaign said: by the campaign itself, its texts, staff, or campaigns that try it
again.

Each number of queries is fixed, however many people are asked about.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import frappe

from school_dialer.base import states
from school_dialer.campaigns.parties.rows import INFORMED, OPEN, WITHHELD
from school_dialer.compliance.vocabulary import RESTRICTED_CONTACT, VOICE

LIST = "File"
"""The person DocType of everyone on a list file: each is known by the number alone."""
Who = tuple[str, str]
Pair = tuple[Who, str]
"""A person, and the student about whom they hear, or ""."""
ANYONE: Who = ("", "")
COLUMNS = """party.campaign, party.person_doctype, party.person, party.phone, party.student, party.state,
	party.reason, recipient.status, recipient.channel, recipient.person called, recipient.students about"""
OF_STUDENTS = f"""select {COLUMNS} from `tabDialer Party` party
	join `tabDialer Recipient` recipient on recipient.name = party.parent
	where party.campaign in %(campaigns)s and party.student in %(students)s"""
OF_PEOPLE = f"""select {COLUMNS} from `tabDialer Recipient` recipient
	join `tabDialer Party` party on party.parent = recipient.name and ifnull(party.student, '') = ''
	where recipient.campaign in %(campaigns)s and recipient."""


def who(row) -> Who:
	"""Return who this is. Without a record of their own, it is the number."""
	return (row.person_doctype, row.person) if row.person and row.person_doctype != LIST else ("", row.phone)


@dataclass(slots=True)
class Known:
	"""What is known of some people.

	`one_guardian`: it is enough that one guardian of a student was informed. `informed` are those who were,
	`trying` those whom another campaign still calls or texts, and `own` the people of the campaign that asks.
	`to_hear` are the same without the children of whom they may not hear.
	"""

	one_guardian: bool
	informed: set[Pair] = field(default_factory=set)
	trying: set[Pair] = field(default_factory=set)
	own: dict[Who, set[str]] = field(default_factory=lambda: defaultdict(set))
	to_hear: dict[Who, set[str]] = field(default_factory=lambda: defaultdict(set))

	def pair(self, person: Who, student: str) -> Pair:
		"""Return what counts as one: the person and the student, or all who hear of the student."""
		return (ANYONE if self.one_guardian and student else person, student)

	def knows(self, person: Who, student: str) -> bool:
		return self.pair(person, student) in self.informed

	def is_tried(self, person: Who, student: str) -> bool:
		return self.pair(person, student) in self.trying

	def need_not_hear_of(self, student: str) -> bool:
		"""Return whether everyone whom the asking campaign has for this student was informed by now."""
		people = [person for person, students in self.own.items() if student in students]
		return bool(people) and all(self.knows(person, student) for person in people)

	def need_not_hear(self, person: Who) -> bool:
		"""Return whether this person of the asking campaign has nothing left to hear."""
		students = self.to_hear.get(person, ())
		return bool(students) and all(self.knows(person, student) for student in students)

	def add(self, rows: Iterable, own: str) -> None:
		for row in rows:
			person, student = who(row), row.student or ""
			if row.campaign == own:
				self.own[person].add(student)
				if not (student and row.state == WITHHELD and row.reason == RESTRICTED_CONTACT):
					self.to_hear[person].add(student)
			if was_informed(row):
				self.informed.add(self.pair(person, student))
			elif row.campaign != own and row.status in states.OPEN and row.state in OPEN:
				self.trying.add(self.pair(person, student))


def read_known(
	campaigns: Collection[str],
	own: str,
	one_guardian: bool,
	students: Collection[str] = (),
	people: Collection = (),
	*,
	by_call: bool = False,
) -> Known:
	"""Return what is known of these students, and of people (rows or `Contacted`) who have none.

	`own` is the campaign that asks, or "" before there is one. `by_call`: a text tells no one.
	"""
	known = Known(one_guardian)
	heard = rows(tuple({*campaigns, own} - {""}), students, people)
	known.add((row for row in heard if not by_call or row.channel == VOICE), own)
	return known


def rows(campaigns: tuple[str, ...], students: Collection[str], people: Collection) -> list[frappe._dict]:
	values = {
		"campaigns": campaigns,
		"students": tuple({*students} - {""}),
		"phones": tuple({person.phone for person in people if person.phone}),
		"persons": tuple(
			{person.person for person in people if person.person and person.person_doctype != LIST}
		),
	}
	queries = (
		(OF_STUDENTS, "students"),
		(OF_PEOPLE + "phone in %(phones)s", "phones"),
		(OF_PEOPLE + "person in %(persons)s", "persons"),
	)
	return [
		row for query, needs in queries if values[needs] for row in frappe.db.sql(query, values, as_dict=True)
	]


def was_informed(row) -> bool:
	"""Return whether a call, a text, or a member of staff informed this party.

	Of a recipient who was reached, it is also the person on record as called, about the students on record.
	"""
	if row.state == INFORMED:
		return True
	about = json.loads(row.about or "[]") or [""]
	return row.status == states.REACHED and row.called == row.person and (row.student or "") in about
