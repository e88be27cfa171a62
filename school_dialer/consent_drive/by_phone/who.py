"""Who may be texted or called to be asked for consent: those who agreed to texts or calls already.

An automatic text or call needs the prior express consent of the person called, whatever it says (47 USC
227(b)(1), 47 CFR 64.1200(a)(1)). One that asks for consent is no exception. So someone is asked by text or
call only under a consent that stands for that channel and at least one purpose, and as a message of that
purpose. The gate decides about it as about any other; an exemption that needs no consent is not used here.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from school_dialer.audience import barred
from school_dialer.audience.numbers import e164
from school_dialer.base import clock
from school_dialer.compliance import Decision
from school_dialer.compliance.rules import consent, opt_out
from school_dialer.compliance.vocabulary import FUNDRAISING, TEXT, VOICE
from school_dialer.consent import ledger
from school_dialer.consent_drive.families import Family
from school_dialer.gate import CallContext, EligibilityCheck, ask

BY_TEXT, BY_CALL = WAYS = ("Text", "Call")
CHANNELS = {BY_TEXT: TEXT, BY_CALL: VOICE}
SCHOOL_PURPOSES = ("General", "Event", "Academic", "Attendance", "Fees")
"""Purposes of the school's own mission, in the order in which their consent is used."""
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Asked:
	"""One adult who might be asked, with the numbers to try (as on record), about these students."""

	key: str
	person_doctype: str
	person: str
	phones: tuple[str, ...]
	students: tuple[str, ...]
	school: str = ""


def purposes_for(about: str) -> tuple[str, ...]:
	"""Return the purposes under whose consent a drive for the purpose `about` may ask, in this order.

	Asking for consent to fund-raising may itself be soliciting, so only the written consent that fund-raising
	needs permits it (47 CFR 64.1200(a)(2)), and that consent permits nothing else.
	"""
	return (FUNDRAISING,) if about == FUNDRAISING else tuple(dict.fromkeys((about, *SCHOOL_PURPOSES)))


def purposes_of(
	adults: Sequence[Asked], channel: str, about: str, among: Collection[str] | None = None
) -> dict[str, str]:
	"""Return {key: purpose} of those who may be asked on this channel now, or later at a permitted hour.

	`about` is the drive's purpose. `among` narrows the purposes. Runs a fixed number of queries.
	"""
	numbers = {adult.key: list(filter(None, map(e164, adult.phones))) for adult in adults}
	agreed = ledger.read([number for phones in numbers.values() for number in phones], channel)
	forbidden = barred.numbers({student for adult in adults for student in adult.students})
	checks = []
	for adult in adults:
		for number in numbers[adult.key]:
			is_forbidden = any((number, student) in forbidden for student in adult.students)
			if agreed[number].consents and not is_forbidden:
				checks.append((adult.key, check_of(adult, number)))
	purposes: dict[str, str] = {}
	for purpose in purposes_for(about):
		left = [(key, check) for key, check in checks if key not in purposes]
		if not left:
			break
		if among is not None and purpose not in among:
			continue
		at = clock.now()
		answers = ask(CallContext(channel, purpose), [check for _key, check in left], at)
		for key, check in left:
			if key not in purposes and is_permitted(answers[check.key].decision, about, at):
				purposes[key] = purpose
	return purposes


def check_of(adult: Asked, number: str) -> EligibilityCheck:
	return EligibilityCheck(
		f"{adult.key}|{number}",
		number,
		adult.person_doctype,
		adult.person,
		adult.students,
		school=adult.school,
	)


def is_permitted(decision: Decision, about: str, at: datetime) -> bool:
	"""Return whether the gate lets the message out by a consent, and the drive's purpose was not refused."""
	if decision.verdict == "BLOCK":
		return False
	request, facts, rules = decision.request, decision.facts, decision.rules
	return consent.holds(request, facts, rules, at) and not opt_out.in_force(
		replace(request, purpose=about), facts, rules, at
	)


def may_ask(asked: Sequence[Family], about: str) -> dict[str, dict]:
	"""Return {"Text": {"families", "may": how many may be asked, "reasons": {code: families}}, "Voice": ...}.

	The reasons are those of the gate, for a message about anything and the first thousand families.
	"""
	adults = [of_family(place, family) for place, family in enumerate(asked)]
	return {channel: counted(adults, channel, about) for channel in (TEXT, VOICE)}


def of_family(place: int, family: Family) -> Asked:
	child = family.youngest
	adult = child.asked
	return Asked(
		str(place),
		adult.person_doctype,
		adult.person,
		adult.phones,
		tuple(family.students),
		child.school,
	)


def counted(adults: list[Asked], channel: str, about: str) -> dict:
	may: set[str] = set()
	for start in range(0, len(adults), CHUNK):
		may |= purposes_of(adults[start : start + CHUNK], channel, about).keys()
	others = [adult for adult in adults[:CHUNK] if adult.key not in may]
	return {"families": len(adults), "may": len(may), "reasons": reasons(others, channel)}


def reasons(adults: Iterable[Asked], channel: str) -> dict[str, int]:
	"""Return how many of these the gate refuses, by its first reason."""
	checks = []
	for adult in adults:
		if number := next(filter(None, map(e164, adult.phones)), ""):
			checks.append(check_of(adult, number))
	answers = ask(CallContext(channel, SCHOOL_PURPOSES[0]), checks, clock.now())
	blocked = [answer.decision for answer in answers.values() if answer.decision.verdict == "BLOCK"]
	return dict(Counter(decision.codes[0] for decision in blocked if decision.codes).most_common(4))
