"""Check that an emergency was confirmed by a second person."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from school_dialer.compliance.model import Emergency, Facts, Reason, Request
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.vocabulary import EMERGENCY, EMERGENCY_NOT_APPROVED, EMERGENCY_TYPES

_TYPES = frozenset(kind.casefold() for kind in EMERGENCY_TYPES)


def approved(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Require an emergency to have a type from the closed list, a requester, and a DIFFERENT approver.

	Sources: 47 USC 227(b)(1)(A) and 47 CFR 64.1200(a)(1), (f)(4) (emergency purposes need no consent); FCC
	16-88 (which calls of a school are emergencies). The two people are compared by `same_person`. An approved
	emergency waives consent, hours, holidays and caps, never a restriction, an "everything" opt-out or a bad
	number.
	"""
	if request.purpose != EMERGENCY:
		return []
	problem = _problem(request.emergency)
	if not problem:
		return []
	return [
		Reason(EMERGENCY_NOT_APPROVED, "emergency.approved", policy.citation(EMERGENCY_NOT_APPROVED), problem)
	]


def _problem(emergency: Emergency | None) -> str:
	if emergency is None:
		return "No emergency was declared."
	if normal(emergency.type) not in _TYPES:
		return "The emergency is of no type that counts as one."
	asked, agreed = normal(emergency.requested_by), normal(emergency.approved_by)
	if not asked or not agreed:
		return "A person who asks for the calls and a person who approves them are both needed."
	if same_person(emergency.requested_by, emergency.approved_by):
		return "The person who approves must be another than the one who asked."
	return ""


def same_person(user: str | None, other_user: str | None) -> bool:
	"""Return whether two user names refer to the same person.

	Case, width, spaces and invisible marks are ignored, and so is anything after "+" in an address.
	"""
	return _user(user) == _user(other_user)


def _user(text: str | None) -> str:
	plain = unicodedata.normalize("NFKC", text or "").casefold()
	name, at, domain = "".join(
		each for each in plain if not each.isspace() and unicodedata.category(each) != "Cf"
	).partition("@")
	return (name.partition("+")[0] or name) + at + domain


def normal(text: str | None) -> str:
	"""Return a text as it is compared: in one case, width, and spacing, and without invisible marks."""
	plain = unicodedata.normalize("NFKC", text or "").casefold()
	return " ".join("".join(letter for letter in plain if unicodedata.category(letter) != "Cf").split())
