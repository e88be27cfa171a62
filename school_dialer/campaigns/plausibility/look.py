"""Run all checks of a campaign, each guarded: a check that fails or takes too long holds nothing up."""

from collections.abc import Callable, Iterable, Iterator

import frappe

from school_dialer.base.database.errors import ConnectionErrors
from school_dialer.campaigns import language_gaps
from school_dialer.campaigns.plausibility import (
	absence,
	audience_size,
	day_meant,
	hours,
	leftovers,
	links,
	old_recordings,
	relative_days,
	repeats,
	said_dates,
	school_names,
)
from school_dialer.campaigns.plausibility.facts import Facts, TooLong
from school_dialer.campaigns.plausibility.finding import OUTDATED, UNCHECKED, Finding

Check = Callable[[Facts], Iterable[Finding]]


def dates_said(facts: Facts) -> Iterator[Finding]:
	for written in facts.texts:
		yield from said_dates.look(written.text, facts.day)


def days_said(facts: Facts) -> Iterator[Finding]:
	for written in facts.texts:
		yield from relative_days.look(written.text, facts.day)


def translations(facts: Facts) -> Iterator[Finding]:
	"""Ask about words that are older than the school's own: their families would hear what it said before."""
	for outdated in language_gaps.outdated(facts.campaign):
		yield Finding(OUTDATED, (outdated.of, outdated.source, *outdated.languages))


OF_WORDS: tuple[Check, ...] = (
	dates_said,
	days_said,
	day_meant.look,
	leftovers.look,
	school_names.look,
	links.look,
)
OF_PEOPLE: tuple[Check, ...] = (
	translations,
	absence.look,
	audience_size.look,
	repeats.look,
	old_recordings.look,
	hours.look,
)
"""The order in which questions are asked: first what the words say, then whom they reach and when."""
MOST = 12


def findings(campaign) -> list[Finding]:
	"""Return the questions about a campaign, each once, at most `MOST`.

	Of a campaign that a rule made, only the words are looked at: the rule looks at its people itself. So it
	is with a teacher's message, whose people are a group. A correction has a confirmation of its own, which
	shows its words and its people.
	"""
	if campaign.get("corrects"):
		return []
	facts = Facts.of(campaign)
	checks = OF_WORDS if facts.by_rule or campaign.get("teacher") else (*OF_WORDS, *OF_PEOPLE)
	by_key: dict[str, Finding] = {}
	for check in checks:
		for finding in guarded(check, facts):
			by_key.setdefault(finding.key, finding)
	return list(by_key.values())[:MOST]


def guarded(check: Check, facts: Facts) -> list[Finding]:
	"""Return what one check finds. One that cannot look asks a person instead, except in an emergency.

	A database that does not answer is no finding: the error is raised, and the action is tried again.
	"""
	messages_before = len(frappe.local.message_log)
	try:
		return list(check(facts))
	except Exception as error:
		del frappe.local.message_log[messages_before:]
		if isinstance(error, (*ConnectionErrors, frappe.QueryDeadlockError)) and not facts.emergency:
			raise
		if not isinstance(error, TooLong):
			name = f"{check.__module__}.{check.__qualname__}"
			frappe.logger("school_dialer").error("plausibility: %s: %s", name, type(error).__name__)
	return [] if facts.emergency or facts.by_rule else [Finding(UNCHECKED)]
