"""How many texts the school sends in answer: to one number, for one member of staff, and in a day to all.

An opt-out holds without its confirmation, so a text that is held back here takes nothing from anybody. What these limits end is a talk
between the school and another robot, and a telephone that rings because a stranger types its number. They are counted in Dialer Notice,
so they hold for all processes and after a restart of each of them.
"""

from datetime import timedelta

import frappe

from school_dialer import clock
from school_dialer.phone import mask

NUMBER_A_DAY = 6
"""Texts in answer to one number in 24 hours. STOP, its scope, START, HELP, an answer to a poll and a link make six."""
NUMBER_A_MONTH = 30
"""In 30 days: a family that answers a poll on each school day stays below, two robots that go on each day do not."""
AGENT_A_DAY = 60
"""Confirmations and links for one member of staff in 24 hours: one in eight minutes of a working day."""
ALL_A_DAY = 10_000
"""To all numbers together in 24 hours: what 200,000 people who were called send back when one in twenty answers. Links that a person asks
for on the preference page are not among them: no one can use up what another needs."""
DAY, MONTH = timedelta(days=1), timedelta(days=30)
SENT_OR_WAITING = ("Waiting", "Sending", "Sent")
NO_AGENTS = frozenset({"Guest", "Administrator"})
"""Sessions of webhooks, the preference page and jobs."""


def number_is_full(phone: str) -> bool:
	"""Whether `phone` (E.164) has had its texts in answer."""
	return (
		counted({"phone": phone}, DAY, NUMBER_A_DAY) >= NUMBER_A_DAY
		or counted({"phone": phone}, MONTH, NUMBER_A_MONTH) >= NUMBER_A_MONTH
	)


def agent_is_full(user: str | None = None) -> bool:
	"""Whether this member of staff, by default the session's, has had their texts. Sessions of no person never are."""
	user = user or frappe.session.user
	return user not in NO_AGENTS and counted({"owner": user}, DAY, AGENT_A_DAY) >= AGENT_A_DAY


def day_is_full() -> bool:
	full = counted({}, DAY, ALL_A_DAY) >= ALL_A_DAY
	if full:
		frappe.logger("school_dialer").warning("more than %s texts in answer within a day", ALL_A_DAY)
	return full


def counted(of: dict, within: timedelta, most: int) -> int:
	"""How many notices of these values were asked for lately and sent or waiting, as far as `most`."""
	notice = frappe.qb.DocType("Dialer Notice")
	query = (
		frappe.qb.from_(notice)
		.select(notice.name)
		.where(notice.status.isin(SENT_OR_WAITING) & (notice.creation > clock.to_db(clock.now() - within)))
		.limit(most)
	)
	for column, value in of.items():
		query = query.where(notice[column] == value)
	return len(query.run())


def held_back(kind: str, phone: str) -> None:
	"""A line in the log for each text that a limit kept back."""
	frappe.logger("school_dialer").info("held back: %s to %s", kind, mask(phone))
