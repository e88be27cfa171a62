"""People the school may not contact, or not about this."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache

from school_dialer.compliance.model import Facts, Reason, Request
from school_dialer.compliance.places import locate
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.rules.emergency import normal
from school_dialer.compliance.vocabulary import EMERGENCY, OTHER_SCHOOL, RESTRICTED_CONTACT

ABSENCE = "Unexcused absence"
"""An emergency for the consent to be called (FCC 16-88), but not for the privacy of records."""
Zones = tuple[tzinfo, ...]
ANYWHERE: Zones = (timezone(timedelta(hours=14)), timezone(timedelta(hours=-12)))
"""Where a day begins first and last on Earth."""


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
	unknown date of birth counts as a minor. Emergencies are exempt (34 CFR 99.36). A birthday begins at
	midnight where the person is: of the zones that this may be, guardians hear nothing from the first one on,
	and the student from the last one on. Source: 34 CFR 99.3 ("eligible student"), 99.5 (rights pass to the
	student at 18, or on entering college), 99.12.
	"""
	person = request.person
	born = person.date_of_birth if person.is_student else person.student_date_of_birth
	if not (born or person.postsecondary or person.is_student) or not about_records(request, policy):
		return []
	zones = zones_of(request, policy) if born else ()
	if person.is_student:
		if not has_rights(born, person.postsecondary, policy, at, zones, student=True):
			return [
				_reason(policy, "of_age", "The student is a minor: we tell the guardians, not the student.")
			]
	elif has_rights(born, person.postsecondary, policy, at, zones):
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

	A missing purpose counts as one about records. So does an unexcused absence under a policy that says so,
	whatever the campaign is called (34 CFR 99.3): only a threat to health or safety is exempt (34 CFR 99.36).
	"""
	if request.about_records is not None:
		return request.about_records
	if request.purpose == EMERGENCY:
		absent = request.emergency is not None and is_absence(request.emergency.type)
		return absent and policy.absence_is_record
	return request.purpose is None or request.purpose in policy.record_purposes


def is_absence(emergency_type: str | None) -> bool:
	"""Return whether this type of emergency, as `emergency.approved` reads it, is an unexcused absence."""
	return normal(emergency_type) == normal(ABSENCE)


def zones_of(request: Request, policy: Policy) -> Zones:
	"""Return the zones in which the person's birthdays may begin, or none where UTC counts.

	A person whose place is not known, such as at a toll-free number, may be anywhere.
	"""
	return (locate(request, policy).zones or ANYWHERE) if policy.local_ages else ()


def turning_points(request: Request, policy: Policy) -> list[datetime]:
	"""Return the instant at which `of_age` changes its answer, as a list of one or none."""
	student = request.person.is_student
	born = request.person.date_of_birth if student else request.person.student_date_of_birth
	if born is None or request.person.postsecondary:
		return []
	return [_birthday(born, policy.age_of_majority, zones_of(request, policy), student)]


@lru_cache(maxsize=1 << 14)
def _birthday(born: date, age: int, zones: Zones, last: bool) -> datetime:
	"""Return when the birthday begins (aware UTC): in the first of the zones, or in the `last` one.

	Without zones, in UTC. A person born on February 29 comes of age on March 1.
	"""
	year = min(born.year + age, 9998)
	try:
		day = date(year, born.month, born.day)
	except ValueError:
		day = date(year, 3, 1)
	begins = [
		datetime.combine(day, time(), zone).astimezone(timezone.utc) for zone in zones or (timezone.utc,)
	]
	return max(begins) if last else min(begins)


def is_of_age(
	born: date | None, policy: Policy, at: datetime, zones: Zones = (), student: bool = False
) -> bool:
	"""Return whether a person born then has come of age. An unknown date of birth counts as a minor's.

	`zones` are those in which the person who is called may be, and `student` says that it is the student.
	"""
	if born is None:
		return False
	return at.astimezone(timezone.utc) >= _birthday(born, policy.age_of_majority, zones, student)


def has_rights(
	born: date | None,
	postsecondary: bool,
	policy: Policy,
	at: datetime,
	zones: Zones = (),
	student: bool = False,
) -> bool:
	"""Return whether the student holds the rights: from the age of majority, and in college at any age.

	`zones` and `student` are as in `is_of_age`. Source: 34 CFR 99.3 ("eligible student"), 99.5(a).
	"""
	return postsecondary or is_of_age(born, policy, at, zones, student)


def _reason(policy: Policy, rule: str, detail: str) -> Reason:
	return Reason(RESTRICTED_CONTACT, f"contact.{rule}", policy.citation(RESTRICTED_CONTACT), detail)
