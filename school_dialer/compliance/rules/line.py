"""Check what a look-up says of the line: whether the number changed hands, and whether it takes texts."""

from __future__ import annotations

from datetime import datetime

from school_dialer.compliance.model import Facts, Reason, Request
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.vocabulary import EMERGENCY, NO_TEXTS, NUMBER_REASSIGNED, TEXT


def kept(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Call no number that a look-up reports as reassigned since the person's consent.

	Sources: 47 CFR 64.1200(m) and DA 21-1649 (the Reassigned Numbers Database answers yes, no, or no data
	against the date of consent); in other countries the school's own rule. A person's call is stopped too,
	since a stranger would answer it. An emergency needs no consent (47 CFR 64.1200(a)(1), (f)(4)) and the
	database may be wrong, so an emergency that is not about a student's records goes through.
	"""
	if not facts.reassigned or (request.purpose == EMERGENCY and request.about_records is False):
		return []
	detail = "A look-up says that the number belongs to someone else since the consent was given."
	return [Reason(NUMBER_REASSIGNED, "line.kept", policy.citation(NUMBER_REASSIGNED), detail)]


def takes_texts(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Text no line that a look-up reports as one without texts, such as a landline.

	Source: the school's own rule. The carrier bills the text and no one reads it, not in an emergency either.
	"""
	if not facts.no_texts or request.channel != TEXT:
		return []
	detail = "A look-up says that this line cannot receive texts, such as a landline."
	return [Reason(NO_TEXTS, "line.takes_texts", policy.citation(NO_TEXTS), detail)]
