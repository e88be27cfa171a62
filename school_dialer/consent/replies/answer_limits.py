"""Limits on the texts that the school sends in answer: per number, per staff member, and per day overall.

An opt-out takes effect without its confirmation, so a text held back here deprives no one. These limits end a
conversation between the school and another robot, and stop a stranger from making a phone ring by typing its
number. They are counted in Dialer Notice, so they apply across all processes and survive restarts.
"""

from datetime import timedelta

import frappe

from school_dialer import clock
from school_dialer.phone import mask

NUMBER_A_DAY = 6
"""Answers to one number in 24 hours. STOP, its scope, START, HELP, a poll answer and a link make six."""
NUMBER_A_MONTH = 30
"""Answers to one number in 30 days.

A family that answers a poll each school day stays below; two robots that go on every day do not.
"""
AGENT_A_DAY = 60
"""Confirmations and links per staff member in 24 hours: one in eight minutes of a working day."""
ALL_A_DAY = 10_000
"""To all numbers together in 24 hours: the replies of 200,000 recipients when one in twenty answers.

Links that a person requests on the preference page are not limited by it: no one can use up what another
person needs.
"""
PREFERENCE_LINK = "Preference Link"
"""The kind of a text that carries a link to the preference page."""
DAY, MONTH = timedelta(days=1), timedelta(days=30)
SENT_OR_WAITING = ("Waiting", "Sending", "Sent")
NO_AGENTS = frozenset({"Guest", "Administrator"})
"""Sessions of webhooks, the preference page and jobs."""


def number_is_full(phone: str) -> bool:
	"""Return whether `phone` (E.164) has reached its limit of answers."""
	return (
		counted({"phone": phone}, DAY, NUMBER_A_DAY) >= NUMBER_A_DAY
		or counted({"phone": phone}, MONTH, NUMBER_A_MONTH) >= NUMBER_A_MONTH
	)


def agent_is_full(user: str | None = None) -> bool:
	"""Return whether this staff member, by default the session's user, has reached the limit.

	Sessions that are not a person's never reach it.
	"""
	user = user or frappe.session.user
	return user not in NO_AGENTS and counted({"owner": user}, DAY, AGENT_A_DAY) >= AGENT_A_DAY


def day_is_full() -> bool:
	"""Return whether the daily limit of all numbers is reached. Logs a warning if it is."""
	full = counted({}, DAY, ALL_A_DAY, besides=PREFERENCE_LINK) >= ALL_A_DAY
	if full:
		frappe.logger("school_dialer").warning("more than %s texts in answer within a day", ALL_A_DAY)
	return full


def counted(of: dict, within: timedelta, most: int, besides: str = "") -> int:
	"""Count recent notices with these values that are sent or waiting, up to `most`.

	`of` maps columns of Dialer Notice to values; notices of the kind `besides` are not counted.
	"""
	notice = frappe.qb.DocType("Dialer Notice")
	query = (
		frappe.qb.from_(notice)
		.select(notice.name)
		.where(notice.status.isin(SENT_OR_WAITING) & (notice.creation > clock.to_db(clock.now() - within)))
		.limit(most)
	)
	for column, value in of.items():
		query = query.where(notice[column] == value)
	if besides:
		query = query.where(notice.kind != besides)
	return len(query.run())


def held_back(kind: str, phone: str) -> None:
	"""Log a text that a limit held back."""
	frappe.logger("school_dialer").info("held back: %s to %s", kind, mask(phone))
