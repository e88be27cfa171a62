"""Students' records (FERPA): which messages are about them, who may hear them, and legal deadlines.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from school_dialer.compliance.policy import Policy
from school_dialer.compliance.rules.contact import Zones, has_rights, is_absence
from school_dialer.compliance.vocabulary import EMERGENCY

ABOUT_RECORDS = ("Attendance", "Academic", "Fees")
"""Purposes whose mere subject is an education record (34 CFR 99.3).

Naming a student in such a message discloses a record.
"""
DAYS_TO_ANSWER = 45


@dataclass(frozen=True, slots=True)
class Rights:
	"""What a school has on record about one student and one of the student's guardians.

	- ``receives``: the guardian is a parent or legal guardian, or the school gives them the records.
	- ``refuses``: the student said no.
	- ``permits``: the student's written consent, or a tax dependency, is in force for this guardian.
	- ``held``: a safety hold of the school keeps everything from this guardian.
	"""

	born: date | None = None
	receives: bool = True
	refuses: bool = False
	permits: bool = False
	held: bool = False


def about_records(
	purpose: str | None,
	educational: bool = False,
	emergency_type: str | None = None,
	purposes: Collection[str] = (),
) -> bool:
	"""Return whether a message is about records: by its purpose, or because its words are educational.

	A missing purpose counts. ``purposes`` are further ones that a policy names. Emergencies are exempt (34
	CFR 99.31(a)(10), 99.36), except an unexcused absence: FCC 16-88 makes it an emergency for the consent to
	be called, but it is not an articulable and significant threat. Sources: 34 CFR 99.3 ("education records",
	"personally identifiable information"), 99.30.
	"""
	if purpose == EMERGENCY:
		return is_absence(emergency_type)
	return educational or purpose is None or purpose in ABOUT_RECORDS or purpose in purposes


def needs_threat(purpose: str | None, about_student: bool, emergency_type: str | None = None) -> bool:
	"""Return whether an emergency message about single students needs a threat on record.

	The threat is the "articulable and significant threat" of the regulation.

	Sources: 34 CFR 99.36(a), (c) (disclosure in a health or safety emergency), 99.32(a)(5) (what must be
	recorded).
	"""
	return purpose == EMERGENCY and about_student and not is_absence(emergency_type)


def refusal_counts(
	rights: Rights, postsecondary: bool, policy: Policy, at: datetime, zones: Zones = ()
) -> bool:
	"""Return whether the student's refusal counts: only if the student holds the rights.

	A minor's refusal takes nothing from the parents (34 CFR 99.4, 99.5). `zones` are those in which the
	guardian may be, here and below.
	"""
	return rights.refuses and has_rights(rights.born, postsecondary, policy, at, zones)


def kept_from(rights: Rights, postsecondary: bool, policy: Policy, at: datetime, zones: Zones = ()) -> bool:
	"""Return whether the guardian hears nothing about this student, whatever the message.

	The cause is a safety hold or the refusal of an eligible student.
	"""
	return rights.held or refusal_counts(rights, postsecondary, policy, at, zones)


def may_receive_records(
	rights: Rights, postsecondary: bool, policy: Policy, at: datetime, zones: Zones = ()
) -> bool:
	"""Return whether this guardian may hear this student's records.

	For a minor, a parent or legal guardian may. For an eligible student, only with the student's written
	consent, or while the parent claims the student as a dependent for income tax. Sources: 34 CFR 99.3
	("eligible student", "parent"), 99.4, 99.5, 99.12, 99.30 (consent), 99.31(a)(8) (dependent student, 26 USC
	152).
	"""
	if not rights.receives or kept_from(rights, postsecondary, policy, at, zones):
		return False
	return rights.permits or not has_rights(rights.born, postsecondary, policy, at, zones)


def answer_due(received: date) -> date:
	"""Return the last day to let a parent or eligible student inspect the records they asked for.

	Source: 34 CFR 99.10(b): 45 days.
	"""
	return received + timedelta(days=DAYS_TO_ANSWER)
