"""Check that the person has not opted out."""

from __future__ import annotations

from datetime import datetime

from school_dialer.compliance.model import Facts, OptOut, Reason, Request
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.vocabulary import (
	ALL_NON_EMERGENCY,
	ANY_CHANNEL,
	CARRIER_BLOCKED,
	EMERGENCY,
	OPTED_OUT,
	TEXT,
	THIS_PURPOSE,
	THIS_SCHOOL,
)

ELSEWHERE = "elsewhere"
"""The last of a reason's values, if the person made all of the opt-outs at other numbers."""


def in_force(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Refuse a channel and purpose that any opt-out in the facts covers.

	Sources: 47 CFR 64.1200(a)(10)-(12) (revocation in any reasonable way); FCC 24-24 and DA 26-12 (a
	revocation answering an informational call stops all but emergencies). The ten business days that the rule
	allows are not used.

	Every opt-out in the facts is in force whatever its date, and a consent with a later date does not undo
	it. Only the ledger knows whether the person undid it, and then leaves it out. Missing values are read
	strictly: no scope means "everything", no channel means any, "this purpose" without a purpose and "this
	school" without a school mean all but emergencies.

	A revocation is of the person, so those that were made at another of the person's numbers count as well.

	"this school" stops one school of a district as "all non-emergency" stops all of them. A revocation
	reaches the caller to whom it is made (64.1200(a)(10)), and a person may narrow it; the district and its
	other schools keep the consent they have.

	An opt-out holds against a correction as against any message, with one exception: the
	correction of an emergency is stopped by "everything" alone, not by an opt-out of emergencies, which the
	person may have said because of the very alarm that the correction ends. The law lets an emergency call go
	out without consent (47 USC 227(b)(1)(A)), and a false alarm endangers people until it is taken back.
	"""
	covering_opt_outs = facts.opt_outs and [opt_out for opt_out in facts.opt_outs if covers(opt_out, request)]
	if not covering_opt_outs:
		return []
	covering = sorted({opt_out.scope or "everything" for opt_out in covering_opt_outs})
	elsewhere = all(opt_out.elsewhere for opt_out in covering_opt_outs)
	detail = f"The person opted out of {' and '.join(covering)}{' at another number' if elsewhere else ''}."
	values = (*covering, ELSEWHERE) if elsewhere else tuple(covering)
	return [Reason(OPTED_OUT, "opt_out.in_force", policy.citation(OPTED_OUT), detail, values=values)]


def covers(opt_out: OptOut, request: Request) -> bool:
	if opt_out.channel not in (None, ANY_CHANNEL, request.channel) and request.channel is not None:
		return False
	if request.corrects and request.purpose == EMERGENCY:
		return opt_out.scope not in (ALL_NON_EMERGENCY, THIS_PURPOSE, THIS_SCHOOL)
	if opt_out.scope == THIS_PURPOSE and opt_out.purpose is not None:
		return request.purpose is None or request.purpose == opt_out.purpose
	if opt_out.scope == THIS_SCHOOL and opt_out.school and request.school not in (None, opt_out.school):
		return False
	if opt_out.scope in (ALL_NON_EMERGENCY, THIS_PURPOSE, THIS_SCHOOL):
		return request.purpose != EMERGENCY
	return True


def not_at_carrier(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Refuse a number that the carrier blocks after a STOP (error 21610, "recipient has unsubscribed").

	Source: 47 CFR 64.1200(a)(10): that STOP is a revocation whether or not it reached the school. It stops
	texts of every kind, which the carrier would refuse anyway, and calls that are not emergencies.
	"""
	if not facts.carrier_blocked or (request.purpose == EMERGENCY and request.channel not in (None, TEXT)):
		return []
	detail = "The carrier reports that the person unsubscribed."
	return [Reason(CARRIER_BLOCKED, "opt_out.not_at_carrier", policy.citation(CARRIER_BLOCKED), detail)]
