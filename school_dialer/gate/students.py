"""Which students a guardian may hear about at a number, whatever the message's words."""

from collections.abc import Iterable, Sequence

from school_dialer.base import clock
from school_dialer.gate import decide, records, site_policies
from school_dialer.gate.decide import EligibilityCheck
from school_dialer.gate.families import college_check
from school_dialer.messages import catalogue
from school_dialer.messages.model import Template
from school_dialer.messages.sensitivity import student_records as message_records


def heard_about(phone: str, guardian: str, students: Iterable[str]) -> tuple[str, ...]:
	"""Return those of the students whose records this guardian may hear now at this number (E.164).

	Court orders, the school's links of guardians, and families' choices count, as for a campaign about
	attendance. Consent, hours, and limits do not: the guardian is the one who calls or writes.
	"""
	return heard_by([EligibilityCheck("heard", phone, "Guardian", guardian, tuple(students))])["heard"]


def heard_by(checks: Sequence[EligibilityCheck]) -> dict[str, tuple[str, ...]]:
	"""Return what `heard_about` does for each of these guardians, by the check's key.

	Runs a fixed number of queries.
	"""
	contacts = decide.read_contact_facts(checks, decide.CallContext("Voice", "Attendance"))
	college = college_check(student for contact in contacts.values() for student in contact.students)
	policies, at = site_policies.in_force(), clock.now()
	phones = {check.key: check.phone for check in checks}
	students_by_key = {check.key: () for check in checks}
	for key, contact in contacts.items():
		rules = policies.get(contact.person.country)
		students_by_key[key] = contact.students
		if rules and contact.rights:
			guardian = records.PersonAtNumber(contact, phones[key], college, rules, at)
			students_by_key[key] = guardian.students_disclosed(about_records=True)
	return students_by_key


def in_preview(
	template: Template, person_doctype: str, person: str, students: tuple[str, ...]
) -> tuple[str, ...]:
	"""Return the students that this message would be about for this person if it were sent now.

	A preview shows them.
	"""
	context = decide.CallContext(
		"Voice", template.purpose, educational=message_records.is_about(template, catalogue.fields())
	)
	check = EligibilityCheck("preview", "", person_doctype, person, students)
	contact = decide.read_contact_facts([check], context).get("preview")
	rules = contact and site_policies.in_force().get(contact.person.country)
	if not (contact and rules and contact.rights):
		return contact.students if contact else ()
	college = college_check(contact.students)
	person_called = records.PersonAtNumber(contact, "", college, rules, clock.now())
	return person_called.students_disclosed(context.about_records(rules))
