"""May a member of staff phone these people, now?

A person dials, listens, and speaks. So what the law asks of automatic calls and of artificial or recorded
voices does not apply: consent (47 CFR 64.1200(a)(1), (a)(3)) and the caps on how often. Opt-outs, wrong
numbers, court orders, calling hours and holidays do apply. A safety hold applies to its guardian, but not to
the other parent at the same number, for whom one can ask. The decision is marked `manual`.
"""

from dataclasses import replace
from datetime import datetime

from school_dialer.compliance import decide
from school_dialer.compliance.vocabulary import VOICE
from school_dialer.gate.decide import CallContext, EligibilityCheck, EligibilityResult, ask

AGENT = "agent"


def ask_manual(
	context: CallContext, checks: list[EligibilityCheck], at: datetime
) -> dict[str, EligibilityResult]:
	"""Decide all checks for a call by a person, with a fixed number of queries. Return {check key: result}.

	`at` is aware.
	"""
	asked = ask(replace(context, channel=VOICE, by_person=True), checks, at)
	return {key: by_hand(answer, at) for key, answer in asked.items()}


def ask_agent(context: CallContext, phone: str, at: datetime) -> EligibilityResult:
	"""Decide whether a member of staff may be called at their own number (E.164), to be connected.

	They asked for it just now, in the matter of this campaign, so its calling hours are theirs.
	"""
	agent_context = replace(context, educational=False, corrects=None)
	return ask_manual(agent_context, [EligibilityCheck(AGENT, phone, None, None)], at)[AGENT]


def by_hand(answer: EligibilityResult, at: datetime) -> EligibilityResult:
	decision = answer.decision
	request = replace(decision.request, manual=True)
	return replace(answer, decision=decide(request, decision.facts, decision.rules, at))
