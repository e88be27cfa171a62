"""Words like "today" and "tomorrow" mean the day of the start: on another day they are not said."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import frappe
from frappe.utils import get_datetime

from school_dialer.base import clock
from school_dialer.campaigns.plausibility import relative_days
from school_dialer.campaigns.plausibility.facts import Facts
from school_dialer.campaigns.plausibility.finding import EARLIER_DAY, Finding
from school_dialer.schools import scope as scopes
from school_dialer.schools import zones

NIGHT = timedelta(hours=6)
"""When a day has ended in a place, no one is called there for at least as long."""


def look(facts: Facts) -> Iterator[Finding]:
	"""Ask about such words in a campaign that tries again on a later day what another one said."""
	first = facts.campaign.get("resends")
	began = first and frappe.db.get_value("Dialer Campaign", first, "started_at")
	words = words_of(facts)
	before = began and zones.local(clock.from_db(began), facts.campaign.get("school")).date()
	if before and words and before < facts.day:
		yield Finding(EARLIER_DAY, (words[0], before))


def words_of(facts: Facts) -> list[str]:
	return [word for written in facts.texts for word in relative_days.words_in(written.text)]


def end_with_it(campaign, start: datetime) -> None:
	"""Stop trying at the end of the day of the start, if the words name it. Saves that field alone.

	`start` is naive, in the site's time zone, and the day that at the campaign's schools. An emergency goes
	on, and so does a correction: those who heard what was wrong hear that it was, late rather than never.
	"""
	facts = Facts.of(campaign)
	goes_on = facts.emergency or campaign.get("corrects")
	if goes_on or not words_of(facts):
		return
	ends = clock.to_db(end_of_day(campaign, clock.from_db(start)))
	if not campaign.deadline or get_datetime(campaign.deadline) > ends:
		campaign.deadline = ends
		frappe.db.set_value("Dialer Campaign", campaign.name, "deadline", ends, update_modified=False)


def end_of_day(campaign, start: datetime) -> datetime:
	"""Return when the day of an aware start ends at the campaign's schools.

	In several time zones that is where it ends last, but before calls begin where it ended first.
	"""
	scope = scopes.scope_of(campaign)
	if scope.name:
		return zones.end_of_day(start, scope.name)
	ends = zones.ends_of_day(start, scope.schools) or zones.ends_of_day(start, zones.of_schools())
	return min(max(ends), min(ends) + NIGHT)


def word_of_another(text: str, written: date, said_on: date) -> str | None:
	"""Return the word with which a text names another day than it did when it was written, or None."""
	return next(iter(relative_days.words_in(text)), None) if said_on > written else None
