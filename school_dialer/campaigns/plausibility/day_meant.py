"""Words like "today" and "tomorrow" mean the day of the start: on another day they are not said."""

from datetime import date, datetime, time

import frappe
from frappe.utils import get_datetime

from school_dialer.campaigns.plausibility import relative_days
from school_dialer.campaigns.plausibility.facts import Facts


def end_with_it(campaign) -> None:
	"""Stop trying at the end of the day of the start, if the words name it. Saves that field alone.

	An emergency goes on: late is better than not at all.
	"""
	facts = Facts.of(campaign)
	if facts.emergency or not any(relative_days.words_in(one.text) for one in facts.texts):
		return
	ends = datetime.combine(facts.starts.date(), time.max).replace(microsecond=0)
	if not campaign.deadline or get_datetime(campaign.deadline) > ends:
		campaign.deadline = ends
		frappe.db.set_value("Dialer Campaign", campaign.name, "deadline", ends, update_modified=False)


def word_of_another(text: str, written: date, said: date) -> str | None:
	"""Return the word with which a text names another day than it did when it was written, or None."""
	return next(iter(relative_days.words_in(text)), None) if said > written else None
