"""People the school may not contact, or not about this."""

from __future__ import annotations

from datetime import date, datetime, timezone

from school_dialer.compliance.model import Facts, Reason, Request
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.vocabulary import EMERGENCY, OTHER_SCHOOL, RESTRICTED_CONTACT


def restricted(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Never contact a restricted person, not even in an emergency.

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
	"""Call a minor's guardians about the student's records; from the age of majority, call the student.

	At a postsecondary institution the rights belong to the student at any age. Elsewhere a student with an
	unknown date of birth counts as a minor. Emergencies are exempt (34 CFR 99.36). Ages are computed by the
	UTC date. Source: 34 CFR 99.3 ("eligible student"), 99.5 (rights pass to the student at 18, or on entering
	college), 99.12.
	"""
	person = request.person
	if not about_records(request, policy):
		return []
	if person.is_student:
		if not has_rights(person.date_of_birth, person.postsecondary, policy, at):
			return [
				_reason(policy, "of_age", "The student is a minor: we tell the guardians, not the student.")
			]
	elif has_rights(person.student_date_of_birth, person.postsecondary, policy, at):
		return [_reason(policy, "of_age", "The student is of age: we tell the student, not the guardians.")]
	return []


def objection(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Do not call guardians about records that an eligible student withheld or the school holds for safety.

	A student withholds records by refusing disclosure. A directory opt-out is not an objection: it concerns
	third parties alone (34 CFR 99.37). Emergencies are exempt (34 CFR 99.36). Source: 34 CFR 99.5, 99.30 (the
	eligible student decides about disclosure, even to parents).
	"""
	if not request.person.student_objects or not about_records(request, policy):
		return []
	return [_reason(policy, "objection", "The student's records are not disclosed to guardians (objection).")]


def closed(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Do not call a guardian who is not a parent or legal guardian about a student's records.

	Emergencies are exempt (34 CFR 99.36). Source: 34 CFR 99.3 ("parent"), 99.4, 99.12.
	"""
	if not request.person.records_closed or not about_records(request, policy):
		return []
	return [_reason(policy, "closed", "This guardian may not receive the student's educational records.")]


def of_this_school(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Call, for a school, only about that school's own students, in an emergency too.

	Source: none in the law. The district says which school is whose.
	"""
	if not request.person.other_school:
		return []
	detail = "The family belongs to another school, or to none."
	return [Reason(OTHER_SCHOOL, "contact.of_this_school", policy.citation(OTHER_SCHOOL), detail)]


def about_records(request: Request, policy: Policy) -> bool:
	"""Return whether the request is about a student's records: as it says or, by default, by its purpose.

	A missing purpose counts as one about records.
	"""
	if request.about_records is not None:
		return request.about_records
	purpose = request.purpose
	return purpose != EMERGENCY and (purpose is None or purpose in policy.record_purposes)


def turning_points(request: Request, policy: Policy) -> list[datetime]:
	"""Return the instant at which `of_age` changes its answer, as a list of one or none."""
	born = request.person.date_of_birth if request.person.is_student else request.person.student_date_of_birth
	if born is None or request.person.postsecondary:
		return []
	return [_birthday(born, policy.age_of_majority)]


def _birthday(born: date, age: int) -> datetime:
	"""Return midnight UTC of the birthday. A person born on February 29 comes of age on March 1."""
	year = min(born.year + age, 9998)
	try:
		return datetime(year, born.month, born.day, tzinfo=timezone.utc)
	except ValueError:
		return datetime(year, 3, 1, tzinfo=timezone.utc)


def is_of_age(born: date | None, policy: Policy, at: datetime) -> bool:
	"""Return whether a person born then has come of age. An unknown date of birth counts as a minor's."""
	return born is not None and at.astimezone(timezone.utc) >= _birthday(born, policy.age_of_majority)


def has_rights(born: date | None, postsecondary: bool, policy: Policy, at: datetime) -> bool:
	"""Return whether the student holds the rights: from the age of majority, and in college at any age.

	Source: 34 CFR 99.3 ("eligible student"), 99.5(a).
	"""
	return postsecondary or is_of_age(born, policy, at)


def _reason(policy: Policy, rule: str, detail: str) -> Reason:
	return Reason(RESTRICTED_CONTACT, f"contact.{rule}", policy.citation(RESTRICTED_CONTACT), detail)
