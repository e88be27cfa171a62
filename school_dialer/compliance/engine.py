"""Decide one request: one function, all reasons, and the first instant at which the answer changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from school_dialer.base import phone
from school_dialer.compliance import policies
from school_dialer.compliance.model import Decision, Facts, Reason, Request, UnusableNumber
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.rules import ANSWER_RULES, DEFERRING_RULES, RULES, answer, consent, contact
from school_dialer.compliance.vocabulary import ALLOW, BLOCK, BLOCKING, DEFER, NO_TIME_ZONE

Rules = tuple[Callable[[Request, Facts, Policy, datetime], list[Reason]], ...]

# A request that cannot be allowed within this time is blocked, not deferred forever.
HORIZON = timedelta(days=100)


def decide(request: Request, facts: Facts, policy: Policy | None, at: datetime) -> Decision:
	"""Judge one request at one instant (aware; ValueError for a naive one).

	The verdict is BLOCK if any reason does not pass with time, or if waiting does not help within HORIZON.
	Otherwise it is DEFER if any reason is left, and ALLOW if none is. All reasons are listed, including those
	that would pass. A ``policy`` of None means ``policies.NONE``, which blocks everything.
	"""
	if at.tzinfo is None:
		raise ValueError("the time of a decision must have a time zone")
	if at.tzinfo is not timezone.utc:
		at = at.astimezone(timezone.utc)
	policy = policy or policies.NONE
	request = usable(request)
	reasons = _reasons(_rules(request, at), request, facts, policy, at)
	verdict, until = ALLOW, None
	if reasons:
		verdict, until = _verdict(reasons, request, facts, policy, at)
		if len(reasons) > 1:
			reasons.sort(key=_order)
	return Decision(verdict, until, tuple(reasons), policy.name, policy.version, at, request, facts, policy)


def usable(request: Request) -> Request:
	"""Return the request with its number parsed: a PhoneNumber, or an UnusableNumber when it is not valid."""
	if isinstance(request.phone, (phone.PhoneNumber, UnusableNumber)):
		return request
	return replace(request, phone=read_number(request.phone))


def read_number(text: str | None) -> phone.PhoneNumber | UnusableNumber:
	"""Parse a number in international form.

	Anything else is an UnusableNumber, including a number without a country code.
	"""
	text = text if isinstance(text, str) else ""
	try:
		if text.startswith("+"):
			return phone.parse(text)
	except phone.InvalidNumber:
		pass
	return UnusableNumber(text)


def _rules(request: Request, at: datetime) -> Rules:
	return ANSWER_RULES if answer.is_answer(request, at) else RULES


def _reasons(rules: Rules, request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	reasons: list[Reason] = []
	for rule in rules:
		rule_reasons = rule(request, facts, policy, at)
		if rule_reasons:
			reasons += rule_reasons
	return reasons


def _verdict(
	reasons: list[Reason], request: Request, facts: Facts, policy: Policy, at: datetime
) -> tuple[str, datetime | None]:
	codes = [reason.code for reason in reasons]
	if not BLOCKING.isdisjoint(codes):
		return BLOCK, None
	if NO_TIME_ZONE in codes:
		return DEFER, None
	until = _until(reasons, request, facts, policy, at)
	return (DEFER, until) if until is not None else (BLOCK, None)


def _until(
	reasons: list[Reason], request: Request, facts: Facts, policy: Policy, at: datetime
) -> datetime | None:
	"""Return the first instant after ``at`` with no reason left, or with one that does not pass with time.

	Returns None when there is no such instant within HORIZON.

	Every deferring reason holds without a break until its own ``until``, so the latest of these is a lower
	bound for the answer. Only a turning point of a consent, a birthday, or the time of what the text answers
	can change the verdict before it.
	"""
	limit = at + HORIZON
	points = consent.turning_points(request, facts, policy) + contact.turning_points(request, policy)
	points += [request.answers] if request.answers is not None else []
	points = sorted({point for point in points if at < point <= limit})
	moment = at
	while True:
		times = [reason.until for reason in reasons]
		bound = limit if None in times else min(max(times), limit)
		for point in points:
			if moment < point < bound and _settled(
				_reasons(_rules(request, point), request, facts, policy, point)
			):
				return point
		if bound == limit:
			return None
		turned = any(moment < point <= bound for point in points)
		rules = _rules(request, bound) if turned else DEFERRING_RULES
		moment = bound
		reasons = _reasons(rules, request, facts, policy, moment)
		if _settled(reasons):
			return moment


def _settled(reasons: list[Reason]) -> bool:
	return not reasons or any(reason.code in BLOCKING for reason in reasons)


def _order(reason: Reason) -> tuple[str, str, str]:
	return reason.code, reason.rule, reason.detail
