"""Which students a guardian may hear about at a number, whatever the message's words."""

from collections.abc import Iterable, Sequence

from school_dialer import clock
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
	known = decide.read_contact_facts(checks, emergency=False)
	college = college_check(student for standing in known.values() for student in standing.students)
	policies, at = site_policies.in_force(), clock.now()
	phones = {check.key: check.phone for check in checks}
	found = {check.key: () for check in checks}
	for key, standing in known.items():
		rules = policies.get(standing.person.country)
		found[key] = standing.students
		if rules and standing.rights:
			found[key] = records.students_disclosed(standing, True, college, rules, at, phones[key])
	return found


def in_preview(
	template: Template, person_doctype: str, person: str, students: tuple[str, ...]
) -> tuple[str, ...]:
	"""Return the students that this message would be about for this person if it were sent now.

	A preview shows them.
	"""
	case = decide.CallContext(
		"Voice", template.purpose, educational=message_records.is_about(template, catalogue.fields())
	)
	question = EligibilityCheck("preview", "", person_doctype, person, students)
	standing = decide.read_contact_facts([question], case.reaches_emergency_contacts).get("preview")
	rules = standing and site_policies.in_force().get(standing.person.country)
	if not (standing and rules and standing.rights):
		return standing.students if standing else ()
	college = college_check(standing.students)
	return records.students_disclosed(standing, case.about_records(rules), college, rules, clock.now(), "")
