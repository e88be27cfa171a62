"""Words like "today" and "tomorrow" mean the day of the start: on another day they are not said."""

from collections.abc import Iterator
from datetime import date, datetime, time

import frappe
from frappe.utils import get_datetime

from school_dialer.campaigns.plausibility import relative_days
from school_dialer.campaigns.plausibility.facts import Facts
from school_dialer.campaigns.plausibility.finding import EARLIER_DAY, Finding


def look(facts: Facts) -> Iterator[Finding]:
	"""Ask about such words in a campaign that tries again on a later day what another one said."""
	first = facts.campaign.get("resends")
	began = first and frappe.db.get_value("Dialer Campaign", first, "started_at")
	words = words_of(facts)
	if began and words and began.date() < facts.starts.date():
		yield Finding(EARLIER_DAY, (words[0], began.date()))


def words_of(facts: Facts) -> list[str]:
	return [word for written in facts.texts for word in relative_days.words_in(written.text)]


def end_with_it(campaign, start: datetime) -> None:
	"""Stop trying at the end of the day of the start, if the words name it. Saves that field alone.

	`start` is naive, in the site's time zone. An emergency goes on, and so does a correction: those who heard
	what was wrong hear that it was, late rather than not at all.
	"""
	facts = Facts.of(campaign)
	goes_on = facts.emergency or campaign.get("corrects")
	if goes_on or not words_of(facts):
		return
	ends = datetime.combine(start.date(), time.max).replace(microsecond=0)
	if not campaign.deadline or get_datetime(campaign.deadline) > ends:
		campaign.deadline = ends
		frappe.db.set_value("Dialer Campaign", campaign.name, "deadline", ends, update_modified=False)


def word_of_another(text: str, written: date, said_on: date) -> str | None:
	"""Return the word with which a text names another day than it did when it was written, or None."""
	return next(iter(relative_days.words_in(text)), None) if said_on > written else None
