"""When a message about each student last reached someone, and when someone last answered.

*Reached* is what `attempts.heard` calls so: a person heard the message of a call, a text was delivered, or
staff spoke to the family. A voicemail, and an e-mail, which no one confirms, are not. *Answered* is a key
that confirms a call, an answer to a question, or an absence that a guardian reported.

A call counts for the students that its log names, and for the person called if that is a student.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import frappe

from school_dialer.audience.student_access import children
from school_dialer.base import states
from school_dialer.campaigns.call_order import REACHED

CALL, TEXT, BY_HAND = WAYS = ("Call", "Text", "Member of staff")
STEP = timedelta(days=1)
"""The span that one query reads."""
CALLS = """select name, coalesce(answered_at, ended_at, placed_at) at, students, person_doctype, person,
		channel, manual, acknowledged
	from `tabDialer Call Log`
	where status_rank in %(final)s and placed_at >= %(begin)s and placed_at < %(before)s
	and result = %(reached)s and direction = 'Outbound'"""
ANSWERS = """select answered_at at, students from `tabDialer Answer`
	where answered_at >= %(begin)s and answered_at < %(before)s"""
REPORTS = """select reported_at at, student from `tabDialer Absence Report`
	where reported_at >= %(begin)s and reported_at < %(before)s"""


@dataclass(frozen=True, slots=True, order=True)
class Contact:
	"""One time that someone was reached. `at` is naive, in the site's time zone."""

	at: datetime
	log: str
	way: str
	person_doctype: str
	person: str


@dataclass
class Latest:
	"""The last contact and the last answer of each student."""

	reached: dict[str, Contact] = field(default_factory=dict)
	answered: dict[str, datetime] = field(default_factory=dict)

	def reach(self, student: str, contact: Contact) -> None:
		if student not in self.reached or self.reached[student] < contact:
			self.reached[student] = contact

	def answer(self, student: str, at: datetime) -> None:
		self.answered[student] = max(at, self.answered.get(student, at))


def between(begin: datetime, before: datetime) -> Latest:
	"""Return the last contacts of calls placed, and the last answers given, in this span (naive, site time).

	Runs three queries for each day, all answered by an index, and keeps one row for each student.
	"""
	latest = Latest()
	for first, until in steps(begin, before):
		span = {"begin": first, "before": until, "reached": REACHED, "final": states.FINAL_RANKS}
		for row in frappe.db.sql(CALLS, span, as_dict=True):
			take_call(latest, row)
		for at, students in frappe.db.sql(ANSWERS, span):
			for student in named(students):
				latest.answer(student, at)
		for at, student in frappe.db.sql(REPORTS, span):
			latest.answer(student, at)
	return latest


def steps(begin: datetime, before: datetime) -> Iterator[tuple[datetime, datetime]]:
	while begin < before:
		yield begin, min(begin + STEP, before)
		begin += STEP


def take_call(latest: Latest, row: frappe._dict) -> None:
	way = TEXT if row.channel == "Text" else CALL
	if row.manual:
		way = BY_HAND
	contact = Contact(row.at, row.name, way, row.person_doctype or "", row.person or "")
	for student in children(row.person_doctype, row.person, named(row.students)):
		latest.reach(student, contact)
		if row.acknowledged:
			latest.answer(student, row.at)


def named(students: str | None) -> list[str]:
	return json.loads(students) if students else []
