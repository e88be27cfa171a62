"""Check that the person agreed to be contacted, on this channel, about this."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from school_dialer.compliance.model import Consent, Facts, Reason, Request
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.vocabulary import (
	ALL_PURPOSES,
	ANY_CHANNEL,
	CONSENT_EXPIRED,
	CONSENT_STALE,
	EMERGENCY,
	EXPRESS_WRITTEN,
	FUNDRAISING,
	NO_CONSENT,
	WRITTEN_CONSENT_REQUIRED,
)

_DETAIL = {
	NO_CONSENT: "There is no consent for this channel and purpose.",
	WRITTEN_CONSENT_REQUIRED: "The consent given is not an express written one, which this purpose needs.",
	CONSENT_EXPIRED: "The consent has expired.",
	CONSENT_STALE: "It was not verified recently that the number still belongs to the person who consented.",
}


def given(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Require a consent that covers the channel and purpose, on an acceptable basis, in force and not stale.

	Sources: 47 USC 227(b)(1) and 47 CFR 64.1200(a)(1), (a)(3) (prior express consent for artificial and
	recorded voices, which text-to-speech is by FCC 24-17); FCC 16-88 (a number given to the school is consent
	for the school's mission); 64.1200(a)(2) (fund-raising and sales need express WRITTEN consent); DA 21-1649
	(reassigned numbers: consent must be that of the present subscriber, so old consents are verified). A
	consent that is stale already is renewed by the person's own act only, never by the word of staff.

	A consent without a basis or date, or dated after ``at``, does not count. If no consent covers the
	request, the reason is NO_CONSENT. Otherwise each defect of the consents that cover it is reported,
	because no single defect prevents the request alone. Emergencies need no consent, and neither does a
	call that a person dials and speaks in: the law asks for consent to automatic dialing and to artificial or
	recorded voices.
	"""
	if request.purpose == EMERGENCY or request.by_hand or _exempt_landline(request, policy):
		return []
	defects: set[str] = set()
	for consent in facts.consents:
		if covers(consent, request, at):
			consent_defects = _defects(consent, request, policy, at)
			if not consent_defects:
				return []
			defects |= consent_defects
	return [_reason(policy, code) for code in defects or {NO_CONSENT}]


@lru_cache(maxsize=1024)
def _reason(policy: Policy, code: str) -> Reason:
	return Reason(code, "consent.given", policy.citation(code), _DETAIL[code])


def holds(request: Request, facts: Facts, policy: Policy, at: datetime) -> bool:
	"""Return whether some consent covers the request without any defect."""
	return any(
		covers(consent, request, at) and not _defects(consent, request, policy, at)
		for consent in facts.consents
	)


def covers(consent: Consent, request: Request, at: datetime) -> bool:
	"""Return whether the consent was given by ``at`` for this channel and purpose.

	A request without a channel or purpose is covered by "Any" and "All" only.
	"""
	return (
		(
			consent.channel == ANY_CHANNEL
			or (consent.channel is not None and consent.channel == request.channel)
		)
		and (
			consent.purpose == ALL_PURPOSES
			or (consent.purpose is not None and consent.purpose == request.purpose)
		)
		and consent.basis is not None
		and consent.granted_at is not None
		and consent.granted_at <= at
	)


def turning_points(request: Request, facts: Facts, policy: Policy) -> list[datetime]:
	"""Return the instants at which a consent begins, ends or becomes stale."""
	points = []
	for consent in facts.consents:
		points += [time for time in (consent.granted_at, consent.expires_at) if time is not None]
		if policy.stale_after is not None:
			verified = [time for time in (consent.granted_at, consent.last_verified_at) if time is not None]
			points += [stale for time in verified if (stale := _plus(time, policy.stale_after))]
			if consent.last_verified_at is not None:
				points.append(consent.last_verified_at)
	return points


def _defects(consent: Consent, request: Request, policy: Policy, at: datetime) -> set[str]:
	defects = set()
	accepted = policy.bases[request.purpose if request.purpose is not None else FUNDRAISING]
	if consent.basis not in accepted:
		defects.add(WRITTEN_CONSENT_REQUIRED if accepted == {EXPRESS_WRITTEN} else NO_CONSENT)
	if consent.expires_at is not None and consent.expires_at <= at:
		defects.add(CONSENT_EXPIRED)
	elif is_stale(consent, policy, at):
		defects.add(CONSENT_STALE)
	return defects


def is_stale(consent: Consent, policy: Policy, at: datetime) -> bool:
	"""Return whether the last verification is as old at ``at`` as the policy says, or older.

	Without a verification, the grant counts. A verification dated after ``at`` does not count. One by
	another than the person does not either if the consent was stale by then (``unconfirmed_days``).
	"""
	longest = policy.stale_after
	if longest is None or consent.granted_at is None:
		return False
	if consent.unconfirmed_days >= longest.days:
		return True
	verified = consent.granted_at
	if consent.last_verified_at is not None and verified < consent.last_verified_at <= at:
		verified = consent.last_verified_at
	return at - verified >= longest


def _plus(time: datetime, age: timedelta) -> datetime | None:
	try:
		return time + age
	except OverflowError:
		return None


def _exempt_landline(request: Request, policy: Policy) -> bool:
	"""Return whether the policy exempts this call from consent because it goes to a residential landline.

	A policy may exempt informational calls to residential landlines (47 CFR 64.1200(a)(3)(iii)); the packaged
	policies do not. Only a line known to be a landline can be exempt.
	"""
	exempt = policy.landline_exempt_purposes
	return bool(exempt) and request.purpose in exempt and is_landline(request)


def is_landline(request: Request) -> bool:
	"""Return whether the line is known to be a landline.

	The numbering plan and the caller's own knowledge both say landline, or one does and the other says
	nothing.
	"""
	return {request.line_type, getattr(request.phone, "line_type", "unknown")} - {"unknown"} == {"landline"}


def may_be_landline(request: Request) -> bool:
	"""Return whether the line is not known for certain to be a mobile."""
	return {request.line_type, getattr(request.phone, "line_type", "unknown")} - {"unknown"} != {"mobile"}
