"""What is on file about rights in students' records.

This covers birth dates, guardians who may not receive the records, and families' choices. Every query reads a
chunk of students at once. `compliance.rules.records` decides what it means.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

import frappe
from frappe.query_builder import Table
from frappe.query_builder.functions import Count, IfNull
from pypika.queries import QueryBuilder
from pypika.terms import Criterion

from school_dialer.audience.columns import column, columns
from school_dialer.audience.relations import EDUCATIONS_PARENTS, RECORDS, receives
from school_dialer.compliance.rules.records import Rights
from school_dialer.schools import zones

CHOICE = "Dialer Privacy Choice"
CONSENT, DEPENDENT, REFUSAL, HOLD, DIRECTORY = KINDS = (
	"Consent to Disclose",
	"Tax Dependent",
	"Student Refusal",
	"Safety Hold",
	"Directory Opt-Out",
)
EVERY_GUARDIAN = ""


@dataclass(slots=True)
class OnFile:
	births: dict[str, date | None] = field(default_factory=dict)
	closed: set[tuple[str, str]] = field(default_factory=set)
	"""(guardian, student) pairs without a right to the records."""
	choices: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
	"""(guardian or EVERY_GUARDIAN, student) -> kinds in force"""

	def of(self, guardian: str, student: str) -> Rights:
		kinds = self.choices.get((EVERY_GUARDIAN, student), set()) | self.choices.get(
			(guardian, student), set()
		)
		return Rights(
			self.births.get(student),
			(guardian, student) not in self.closed,
			REFUSAL in kinds,
			bool({CONSENT, DEPENDENT} & kinds),
			HOLD in kinds,
		)


def read_on_file(students: set[str]) -> OnFile:
	on_file = OnFile()
	if not students:
		return on_file
	names = tuple(students)
	on_file.births = dict(
		frappe.db.sql("select name, date_of_birth from `tabStudent` where name in %s", (names,))
	)
	on_file.closed = closed(names)
	for guardian, student, kind in in_force(names):
		on_file.choices[guardian or EVERY_GUARDIAN, student].add(kind)
	return on_file


def closed(students: tuple[str, ...]) -> set[tuple[str, str]]:
	"""Return the (guardian, student) pairs in which the guardian may not receive the student's records.

	If a pair has two links, the stricter one counts. Most guardians are parents about whom the school chose
	nothing: the database leaves those out, so that a chunk reads a few rows instead of all of its families.
	"""
	chosen = column("Student Guardian", "link", RECORDS)
	rows = frappe.db.sql(
		"select link.guardian, link.parent, "
		+ columns("Student Guardian", "link", (RECORDS, "relation"))
		+ " from `tabStudent Guardian` link where link.parent in %s and link.parenttype = 'Student'"
		+ f" and not (({chosen} is null or binary {chosen} = '') and binary ifnull(link.relation, '') in %s)",
		(students, EDUCATIONS_PARENTS),
	)
	return {(guardian, student) for guardian, student, *rights in rows if not receives(*rights)}


def in_force(students: tuple[str, ...]) -> tuple:
	"""Return (guardian, student, kind) of the choices that count now."""
	choice = frappe.qb.DocType(CHOICE)
	query = frappe.qb.from_(choice).select(choice.guardian, choice.student, choice.kind)
	return query.where(choice.student.isin(students) & counts(choice)).run()


def count_holds(link: Table) -> QueryBuilder:
	"""Return a subquery that counts the safety holds now between a student and a guardian.

	For use in a query on Student Guardian, whose table is `link`.
	"""
	choice = frappe.qb.DocType(CHOICE)
	return (
		frappe.qb.from_(choice)
		.select(Count("*"))
		.where((choice.student == link.parent) & (choice.kind == HOLD) & counts(choice))
		.where(IfNull(choice.guardian, EVERY_GUARDIAN).isin([EVERY_GUARDIAN, link.guardian]))
	)


def counts(choice: Table) -> Criterion:
	"""Return the condition that a choice counts now.

	What keeps information back counts while its days last on the site or at any of its schools. What permits
	a disclosure counts while they last everywhere.
	"""
	first, last = zones.days_now()
	permits = choice.kind.isin((CONSENT, DEPENDENT))
	return (choice.status == "In Force") & (
		(permits & lasts(choice, first, last)) | (permits.negate() & lasts(choice, last, first))
	)


def lasts(choice: Table, begun: date, ended: date) -> Criterion:
	return (choice.starts_on <= begun) & (choice.expires_on.isnull() | (choice.expires_on >= ended))
