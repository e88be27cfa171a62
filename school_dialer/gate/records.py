"""Which students' records a person may hear about, by the rights on file."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from school_dialer.audience.base import ContactFacts
from school_dialer.compliance import Person, Policy, Request
from school_dialer.compliance.engine import read_number
from school_dialer.compliance.rules import contact, records
from school_dialer.compliance.rules.contact import Zones

IsCollege = Callable[[str], bool]
"""Says of a student whether their school is an institution of postsecondary education.

There the rights are the students' at any age.
"""


@dataclass(frozen=True, slots=True)
class PersonAtNumber:
	"""A person at a number (E.164, or "" for a preview) at a time, with the students of the message."""

	contact: ContactFacts
	phone: str
	college: IsCollege
	rules: Policy
	at: datetime

	def limit_to_heard(self, about_records: bool) -> ContactFacts:
		"""Limit the facts to the students this person may hear about.

		If a message about records leaves none, keep the students and add the reason why they are withheld.
		"""
		person, students = self.contact.person, self.contact.students
		if person.is_student and about_records and any(map(self.college, students)):
			return ContactFacts(replace(person, postsecondary=True), students)
		if not self.contact.rights:
			return self.contact
		disclosed = self.students_disclosed(about_records)
		if disclosed or not about_records:
			return ContactFacts(person, disclosed)
		return ContactFacts(self.report_withheld(), students)

	def students_disclosed(self, about_records: bool) -> tuple[str, ...]:
		"""Return the students that a message to this guardian may be about."""
		zones = self.zones()
		disclosed = []
		for student, rights in zip(self.contact.students, self.contact.rights, strict=True):
			terms = (rights, self.college(student), self.rules, self.at, zones)
			may = records.may_receive_records(*terms) if about_records else not records.kept_from(*terms)
			if may:
				disclosed.append(student)
		return tuple(disclosed)

	def report_withheld(self) -> Person:
		"""Return the person with everything that withholds the students' records, for the rules to report."""
		zones = self.zones()
		kept, births, postsecondary = False, [], False
		for student, rights in zip(self.contact.students, self.contact.rights, strict=True):
			college = self.college(student)
			kept = kept or records.kept_from(rights, college, self.rules, self.at, zones)
			if not rights.permits and contact.has_rights(rights.born, college, self.rules, self.at, zones):
				births += [rights.born] if rights.born else []
				postsecondary = postsecondary or college
		return replace(
			self.contact.person,
			student_objects=kept,
			records_closed=any(not rights.receives for rights in self.contact.rights),
			student_date_of_birth=max(births, default=None),
			postsecondary=postsecondary,
		)

	def zones(self) -> Zones:
		"""Return the zones in which the person may be, for the beginning of a birthday."""
		return contact.zones_of(Request(read_number(self.phone), None, None, self.contact.person), self.rules)
