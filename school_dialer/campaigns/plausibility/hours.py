"""A start at which no one may be called yet, or after which "today" is another day for those who wait."""

from collections.abc import Iterator

from school_dialer import gate
from school_dialer.audience.numbers import e164
from school_dialer.base import clock
from school_dialer.campaigns.plausibility import relative_days
from school_dialer.campaigns.plausibility.facts import Facts
from school_dialer.campaigns.plausibility.finding import LATER_DAY, NIGHT, Finding
from school_dialer.compliance.vocabulary import OUTSIDE_CALLING_HOURS

SAMPLE = 60
LEAST_SHARE = 0.1


def look(facts: Facts) -> Iterator[Finding]:
	if facts.emergency or facts.by_rule:
		return
	words = [word for written in facts.texts for word in relative_days.words_in(written.text)]
	if not (words or facts.campaign.get("scheduled_at")):
		return
	callable_people, opens = waiting(facts)
	if not callable_people:
		return
	if facts.campaign.get("scheduled_at") and len(opens) == callable_people:
		yield Finding(NIGHT, (facts.starts, facts.people, min(opens)))
	later = [day for opening in opens if (day := facts.day_of(opening)) > facts.day]
	share = len(later) / callable_people
	if words and share >= LEAST_SHARE:
		yield Finding(LATER_DAY, (words[0], round(share * facts.people), facts.people, min(later)))


def waiting(facts: Facts) -> tuple[int, list]:
	"""Return how many of a sample could be called, and when calling hours open for those who have to wait.

	Naive, in the site's time zone.
	"""
	facts.require_time()
	households, _more = facts.source.eligible_households("", SAMPLE)
	firsts = [people[0] for people in households if people]
	questions = []
	for place, person in enumerate(firsts):
		if person.phones:
			phone = e164(person.phones[0]) or person.phones[0]
			asked = (str(place), phone, person.person_doctype, person.person, person.students)
			questions.append(gate.EligibilityCheck(*asked))
	if not questions:
		return 0, []
	answers = gate.ask(gate.CallContext.of(facts.campaign), questions, clock.from_db(facts.starts))
	decisions = [answer.decision for answer in answers.values() if answer.decision.verdict != "BLOCK"]
	opens = [
		clock.to_db(decision.until)
		for decision in decisions
		if decision.until and OUTSIDE_CALLING_HOURS in decision.codes
	]
	return len(decisions), opens
