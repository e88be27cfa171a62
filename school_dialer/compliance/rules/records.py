"""Students' records (FERPA): which messages are about them, who may hear of them, and the dates the law sets. Pure functions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from school_dialer.compliance.model import EMERGENCY
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.rules.contact import has_rights

ABOUT_RECORDS = ("Attendance", "Academic", "Fees")
"""Purposes whose bare subject is an education record (34 CFR 99.3): naming a student in such a message discloses one."""
ABSENCE = "Unexcused absence"
"""An emergency for the consent to be called (FCC 16-88), and none for the privacy of records."""
DAYS_TO_ANSWER = 45


@dataclass(frozen=True, slots=True)
class Rights:
	"""What a school has on record about one student and one guardian of theirs.

	``receives``: the guardian is a parent or legal guardian, or the school lets them have the records. ``refuses``: the student
	said no. ``permits``: the student's written consent, or a tax dependency, is in force for this guardian. ``held``:
	a safety hold of the school keeps everything from this guardian.
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
	"""A message is about records when its purpose says so or its words are educational; an unknown purpose counts.

	``purposes`` are further ones that a policy names. Emergencies are exempt (34 CFR 99.31(a)(10), 99.36), except an
	unexcused absence: FCC 16-88 makes it an emergency for the consent to be called, but it is no articulable and
	significant threat. Sources: 34 CFR 99.3 ("education records", "personally identifiable information"), 99.30.
	"""
	if purpose == EMERGENCY:
		return is_absence(emergency_type)
	return educational or purpose is None or purpose in ABOUT_RECORDS or purpose in purposes


def is_absence(emergency_type: str | None) -> bool:
	return " ".join((emergency_type or "").split()).casefold() == ABSENCE.casefold()


def needs_threat(purpose: str | None, about_student: bool, emergency_type: str | None = None) -> bool:
	"""An emergency message about single students needs the articulable and significant threat on record.

	Sources: 34 CFR 99.36(a), (c) (disclosure in a health or safety emergency), 99.32(a)(5) (what is recorded of it).
	"""
	return purpose == EMERGENCY and about_student and not is_absence(emergency_type)


def refusal_counts(rights: Rights, postsecondary: bool, policy: Policy, at: datetime) -> bool:
	"""The refusal of a student who holds the rights counts; a minor's takes nothing from the parents (34 CFR 99.4, 99.5)."""
	return rights.refuses and has_rights(rights.born, postsecondary, policy, at)


def kept_from(rights: Rights, postsecondary: bool, policy: Policy, at: datetime) -> bool:
	"""The guardian hears nothing of this student, whatever the message: a safety hold, or the refusal of an eligible student."""
	return rights.held or refusal_counts(rights, postsecondary, policy, at)


def may_be_told(rights: Rights, postsecondary: bool, policy: Policy, at: datetime) -> bool:
	"""Whether this guardian may hear of this student's records.

	Of a minor's: a parent or legal guardian. Of an eligible student's: only with the student's written consent, or
	while the parent claims the student as a dependent for income tax. Sources: 34 CFR 99.3 ("eligible student",
	"parent"), 99.4, 99.5, 99.12, 99.30 (consent), 99.31(a)(8) (dependent student, 26 USC 152).
	"""
	if not rights.receives or kept_from(rights, postsecondary, policy, at):
		return False
	return rights.permits or not has_rights(rights.born, postsecondary, policy, at)


def answer_due(received: date) -> date:
	"""The last day to let a parent or eligible student inspect the records they asked for (34 CFR 99.10(b): 45 days)."""
	return received + timedelta(days=DAYS_TO_ANSWER)
