"""Who may report whom: the one guardian on record with a number, and the children they may hear about.

A number that several people have, or no one, reports nothing by itself: what is said from it is for the
office.
"""

import hmac
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import frappe

from school_dialer import gate
from school_dialer.audience import whose_number
from school_dialer.audience.columns import column
from school_dialer.base.bounds import plain_text
from school_dialer.consent import keys, ledger
from school_dialer.inbound.conversations import belonging
from school_dialer.settings import school_numbers

MOST_CHILDREN = 8
"""Children of one guardian who can be chosen by a key or a digit. With more, the office takes the report."""


@dataclass(frozen=True, slots=True)
class Child:
	"""A student as their guardian knows them. `born` is None if the school has no birth date."""

	student: str
	first_name: str
	full_name: str
	born: date | None

	@property
	def mark(self) -> str:
		"""What stands for the child in a form, without the record's name."""
		return hmac.digest(keys.derive("absent child"), self.student.encode(), sha256).hex()[:16]


@dataclass(frozen=True, slots=True)
class Reporter:
	"""The one guardian who has a number (E.164), with their children, the oldest first."""

	phone: str
	guardian: str
	name: str
	language: str
	children: tuple[Child, ...]


def guardian_at(phone: str) -> Reporter | None:
	"""Return the guardian who may report absences from this number, or None if the office has to ask."""
	if school_numbers.is_own(phone) or ledger.is_strangers(phone):
		return None
	people = whose_number.people(phone)
	if len(people) != 1 or people[0][0] != "Guardian":
		return None
	((_doctype, guardian),) = people
	heard = gate.heard_about(phone, guardian, belonging.children_of(people))
	children = children_named(heard)
	if not 0 < len(children) <= MOST_CHILDREN:
		return None
	name = belonging.field_of("Guardian", guardian, belonging.title_field("Guardian"))
	return Reporter(
		phone, guardian, plain_text.line(name), belonging.language_of("Guardian", guardian), tuple(children)
	)


def children_named(students: tuple[str, ...]) -> list[Child]:
	"""Return these students, as far as they are enabled, the oldest first."""
	if not students:
		return []
	rows = frappe.db.sql(
		"select student.name, ifnull(student.first_name, ''), ifnull(student.student_name, student.name), "
		+ column("Student", "student", "date_of_birth")
		+ " from `tabStudent` student where student.name in %s and student.enabled = 1",
		(students,),
	)
	children = [
		Child(name, plain_text.line(first) or plain_text.line(full), plain_text.line(full), born)
		for name, first, full, born in rows
	]
	return sorted(children, key=lambda child: (child.born or date.max, child.first_name, child.student))
