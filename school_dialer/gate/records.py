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


def heard(
	standing: ContactFacts, about_records: bool, college: IsCollege, rules: Policy, at: datetime, phone: str
) -> ContactFacts:
	"""Limit the facts to the students this person may hear about.

	If a message about records leaves none, keep the students and add the reason why they are withheld.
	"""
	person = standing.person
	if person.is_student and about_records and any(map(college, standing.students)):
		return ContactFacts(replace(person, postsecondary=True), standing.students)
	if not standing.rights:
		return standing
	disclosed = students_disclosed(standing, about_records, college, rules, at, phone)
	if disclosed or not about_records:
		return ContactFacts(person, disclosed)
	return ContactFacts(withheld(standing, college, rules, at, phone), standing.students)


def students_disclosed(
	standing: ContactFacts, about_records: bool, college: IsCollege, rules: Policy, at: datetime, phone: str
) -> tuple[str, ...]:
	"""Return the students that a message to this guardian, at this number, may be about."""
	zones = zones_of(phone, standing.person, rules)
	may = records_rules.may_receive_records if about_records else may_hear_records
	return tuple(
		student
		for student, rights in zip(standing.students, standing.rights, strict=True)
		if may(rights, college(student), rules, at, zones)
	)


def may_hear_records(rights: Rights, college: bool, rules: Policy, at: datetime, zones: Zones) -> bool:
	return not records_rules.kept_from(rights, college, rules, at, zones)


def withheld(standing: ContactFacts, college: IsCollege, rules: Policy, at: datetime, phone: str) -> Person:
	"""Return the person with everything that withholds the students' records, for the rules to report."""
	zones = zones_of(phone, standing.person, rules)
	on_file = [
		(rights, college(student)) for student, rights in zip(standing.students, standing.rights, strict=True)
	]
	kept = [one for one, there in on_file if records_rules.kept_from(one, there, rules, at, zones)]
	theirs = [
		(one, there)
		for one, there in on_file
		if contact.has_rights(one.born, there, rules, at, zones) and not one.permits
	]
	births = [one.born for one, _there in theirs if one.born]
	return replace(
		standing.person,
		student_objects=bool(kept),
		records_closed=any(not one.receives for one, _there in on_file),
		student_date_of_birth=max(births, default=None),
		postsecondary=any(there for _one, there in theirs),
	)
