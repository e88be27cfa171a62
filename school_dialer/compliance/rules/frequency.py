"""Check that the person has not been contacted too often."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from school_dialer.compliance.model import Facts, Reason, Request
from school_dialer.compliance.places import locate
from school_dialer.compliance.policy import PER_PURPOSE, Cap, Policy
from school_dialer.compliance.rules import consent
from school_dialer.compliance.vocabulary import EMERGENCY, FREQUENCY_CAP, FUNDRAISING

_END_OF_TIME = datetime.max.replace(tzinfo=timezone.utc)


def capped(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Require fewer attempts that reached the carrier, in the hours before ``at``, than each cap allows.

	Sources: Fla. Stat. 501.616(6)(b), Md. Code Com. Law 14-4501 et seq., Okla. Stat. tit. 15 775C.4 (3 in 24
	hours on one subject; the subject is the purpose); 47 CFR 64.1200(a)(3)(iii), FCC 22-100 (3 in 30 days to
	a residential landline without consent); further caps a policy sets. Calls and texts count alike. An
	attempt without a purpose counts for every purpose, and an attempt dated in the future counts as made. An
	attempt drops out when it is exactly as old as the cap is long. Emergencies are not capped and, being
	another purpose, do not count toward caps per purpose. Nor do they toward a cap per number of a state,
	whose act counts solicitations (Or. Rev. Stat. 646.563). A call that a person dials is not capped: the
	caps are those of automatic calls and of solicitation.

	A correction is not capped and does not count: it solicits nothing, and a person who heard what is wrong
	is better off with one more call. In fund-raising both are as for any call, because the caps are laws on
	solicitation.
	"""
	if len(facts.history) < policy.lowest_cap or request.purpose == EMERGENCY or request.by_hand:
		return []
	if request.corrects and solicits_nothing(request):
		return []
	reached = [
		(cap, until) for cap in policy.caps if (until := _until(cap, request, facts, policy, at)) is not None
	]
	if not reached:
		return []
	cap, until = max(reached, key=lambda pair: pair[1])
	what = "about this" if cap.per == PER_PURPOSE else "to this number"
	detail = f"At most {cap.maximum} calls or texts {what} in {cap.hours} hours."
	values = (cap.per, cap.maximum, cap.hours)
	return [Reason(FREQUENCY_CAP, "frequency.capped", cap.citation, detail, until, values)]


def solicits_nothing(request: Request) -> bool:
	return request.purpose not in (None, FUNDRAISING)


def _until(cap: Cap, request: Request, facts: Facts, policy: Policy, at: datetime) -> datetime | None:
	"""Return when the oldest attempt that fills the cap drops out, or None when the cap is not reached."""
	if len(facts.history) < cap.maximum or not _applies_in(cap, request, policy):
		return None
	times = sorted(
		(
			attempt.at
			for attempt in facts.history
			if not (attempt.corrects and solicits_nothing(request))
			and not (attempt.purpose == EMERGENCY and cap.states and cap.per != PER_PURPOSE)
			and (
				cap.per != PER_PURPOSE
				or None in (attempt.purpose, request.purpose)
				or attempt.purpose == request.purpose
			)
		),
		reverse=True,
	)
	if len(times) < cap.maximum or not _applies_to(cap, request, facts, policy, at):
		return None
	try:
		until = times[cap.maximum - 1] + timedelta(hours=cap.hours)
	except OverflowError:
		until = _END_OF_TIME
	return until if until > at else None


def _applies_in(cap: Cap, request: Request, policy: Policy) -> bool:
	return not cap.states or not cap.states.isdisjoint(locate(request, policy).states)


def _applies_to(cap: Cap, request: Request, facts: Facts, policy: Policy, at: datetime) -> bool:
	if cap.landline_without_consent:
		return consent.may_be_landline(request) and not consent.holds(request, facts, policy, at)
	return True
