"""Which students' records a person may hear about, by the rights on file."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from school_dialer.audience.base import ContactFacts
from school_dialer.compliance import Person, Policy, Request
from school_dialer.compliance.engine import read_number
from school_dialer.compliance.rules import contact
from school_dialer.compliance.rules import records as records_rules
from school_dialer.compliance.rules.contact import Zones
from school_dialer.compliance.rules.records import Rights

IsCollege = Callable[[str], bool]
"""Says of a student whether their school is an institution of postsecondary education.

There the rights are the students' at any age.
"""


def zones_of(phone: str, person: Person, rules: Policy) -> Zones:
	"""Return the zones in which a person at this number may be, for the beginning of a birthday."""
	return contact.zones_of(Request(read_number(phone), None, None, person), rules)


def limit_to_heard(
	contact_facts: ContactFacts,
	about_records: bool,
	college: IsCollege,
	rules: Policy,
	at: datetime,
	phone: str,
) -> ContactFacts:
	"""Limit the facts to the students this person may hear about.

	If a message about records leaves none, keep the students and add the reason why they are withheld.
	"""
	person = contact_facts.person
	if person.is_student and about_records and any(map(college, contact_facts.students)):
		return ContactFacts(replace(person, postsecondary=True), contact_facts.students)
	if not contact_facts.rights:
		return contact_facts
	disclosed = students_disclosed(contact_facts, about_records, college, rules, at, phone)
	if disclosed or not about_records:
		return ContactFacts(person, disclosed)
	return ContactFacts(report_withheld(contact_facts, college, rules, at, phone), contact_facts.students)


def students_disclosed(
	contact_facts: ContactFacts,
	about_records: bool,
	college: IsCollege,
	rules: Policy,
	at: datetime,
	phone: str,
) -> tuple[str, ...]:
	"""Return the students that a message to this guardian, at this number, may be about."""
	zones = zones_of(phone, contact_facts.person, rules)
	may = records_rules.may_receive_records if about_records else may_hear_records
	return tuple(
		student
		for student, rights in zip(contact_facts.students, contact_facts.rights, strict=True)
		if may(rights, college(student), rules, at, zones)
	)


def may_hear_records(rights: Rights, college: bool, rules: Policy, at: datetime, zones: Zones) -> bool:
	return not records_rules.kept_from(rights, college, rules, at, zones)


def report_withheld(
	contact_facts: ContactFacts, college: IsCollege, rules: Policy, at: datetime, phone: str
) -> Person:
	"""Return the person with everything that withholds the students' records, for the rules to report."""
	zones = zones_of(phone, contact_facts.person, rules)
	on_file = [
		(rights, college(student))
		for student, rights in zip(contact_facts.students, contact_facts.rights, strict=True)
	]
	kept = [rights for rights, there in on_file if records_rules.kept_from(rights, there, rules, at, zones)]
	theirs = [
		(rights, there)
		for rights, there in on_file
		if contact.has_rights(rights.born, there, rules, at, zones) and not rights.permits
	]
	births = [rights.born for rights, _there in theirs if rights.born]
	return replace(
		contact_facts.person,
		student_objects=bool(kept),
		records_closed=any(not rights.receives for rights, _there in on_file),
		student_date_of_birth=max(births, default=None),
		postsecondary=any(there for _one, there in theirs),
	)
