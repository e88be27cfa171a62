"""People whom the school may not contact, or not about this."""

from __future__ import annotations

from datetime import date, datetime, timezone

from school_dialer.compliance.model import EMERGENCY, RESTRICTED_CONTACT, Facts, Reason, Request
from school_dialer.compliance.policy import Policy


def restricted(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""A restricted person is never contacted, in emergencies neither.

	Source: 34 CFR 99.4 (a court order may take a parent's rights away).
	"""
	if not request.person.restricted:
		return []
	return [
		_reason(
			policy, "restricted", "This person must not be contacted (court order or the school's own ban)."
		)
	]


def of_age(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Calls about a student's records go to the guardians of a minor, and to the student from the age of majority.

	A student whose date of birth is not known counts as a minor. Emergencies are exempt (34 CFR 99.36). Ages are
	reckoned by the UTC date. Source: 34 CFR 99.3, 99.5 (rights pass to the student at 18), 99.12.
	"""
	person = request.person
	if not about_records(request, policy):
		return []
	if person.is_student:
		if not is_of_age(person.date_of_birth, policy, at):
			return [
				_reason(policy, "of_age", "The student is a minor: the guardians are told, not the student.")
			]
	elif is_of_age(person.student_date_of_birth, policy, at):
		return [_reason(policy, "of_age", "The student is of age: the student is told, not the guardians.")]
	return []


def objection(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Whoever holds the rights in a student's records may object to their disclosure; guardians are then not called about them.

	Emergencies are exempt (34 CFR 99.36). Source: 34 CFR 99.5, 99.30 (from the age of majority disclosure, to parents
	too, is the student's to permit), 99.37 (a parent or student may refuse the disclosure of directory information).
	"""
	if not request.person.student_objects or not about_records(request, policy):
		return []
	return [_reason(policy, "objection", "The student's records are not disclosed to guardians (objection).")]


def about_records(request: Request, policy: Policy) -> bool:
	"""A purpose that was not told counts as one about records."""
	purpose = request.purpose
	return purpose != EMERGENCY and (purpose is None or purpose in policy.record_purposes)


def turning_points(request: Request, policy: Policy) -> list[datetime]:
	"""The instant at which ``of_age`` changes its answer."""
	born = request.person.date_of_birth if request.person.is_student else request.person.student_date_of_birth
	return [] if born is None else [_birthday(born, policy.age_of_majority)]


def _birthday(born: date, age: int) -> datetime:
	"""Midnight UTC of the birthday; someone born on 29 February comes of age on 1 March."""
	year = min(born.year + age, 9998)
	try:
		return datetime(year, born.month, born.day, tzinfo=timezone.utc)
	except ValueError:
		return datetime(year, 3, 1, tzinfo=timezone.utc)


def is_of_age(born: date | None, policy: Policy, at: datetime) -> bool:
	"""Whether somebody born then has come of age; who was born is not known when counts as a minor."""
	return born is not None and at.astimezone(timezone.utc) >= _birthday(born, policy.age_of_majority)


def _reason(policy: Policy, rule: str, detail: str) -> Reason:
	return Reason(RESTRICTED_CONTACT, f"contact.{rule}", policy.citation(RESTRICTED_CONTACT), detail)
