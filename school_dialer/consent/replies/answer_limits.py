"""Limits on the texts that the school sends in answer: per number, per staff member, and per day overall.

An opt-out takes effect without its confirmation, so a text held back here deprives no one. These limits end a
conversation between the school and another robot, and stop a stranger from making a phone ring by typing its
number. They are counted in Dialer Notice, so they apply across all processes and survive restarts.
"""

import time
from datetime import timedelta
from typing import NamedTuple

import frappe
from frappe.query_builder.functions import Count

from school_dialer.base import clock
from school_dialer.base.phone import mask

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

Links and codes that a person requests on a page are not limited by it: no one can use up what another
person needs.
"""
PREFERENCE_LINK = "Preference Link"
"""The kind of a text that carries a link to the preference page."""
CONSENT_CODE = "Consent Code"
"""The kind of a text with the code that proves a number on the consent form (`consent_form.codes`)."""
STAFF_REPLY = "Staff Reply"
"""The kind of a text that a member of staff wrote. These have limits of their own and use up no others."""
REPLIES_TO_NUMBER_A_DAY = 40
"""Texts that staff write to one number in 24 hours: a long conversation, and no flood."""
REPLIES_OF_AGENT_A_DAY = 500
"""Texts that one member of staff writes in 24 hours: one a minute, all day."""
FAR, FAR_SECONDS = 5_000, 1.0
ASKED_FOR = (PREFERENCE_LINK, CONSENT_CODE)
"""What a person requests on a page, which `ALL_A_DAY` does not limit."""
DAY, MONTH = timedelta(days=1), timedelta(days=30)
SENT_OR_WAITING = ("Waiting", "Sending", "Sent")
NO_AGENTS = frozenset({"Guest", "Administrator"})
"""Sessions of webhooks, the preference page and jobs."""


_far_until: dict[tuple[str, int], float] = {}
"""Until when, by `time.monotonic`, a site's daily limit, as (site, limit), is known to be far."""


class OfNumber(NamedTuple):
	"""Whether a number has reached its limit of answers, and whether it was ever looked up."""

	is_full: bool
	looked_up: bool


def of_number(phone: str) -> OfNumber:
	"""Return what is known of `phone` (E.164) before it is texted, in one statement."""
	now = clock.now()
	full, looked_up = frappe.db.sql(
		"""select coalesce(sum(creation > %(day)s), 0) >= %(a_day)s or count(*) >= %(a_month)s,
			exists(select name from `tabDialer Number Lookup` where phone = %(phone)s)
		from `tabDialer Notice`
		where phone = %(phone)s and status in %(counted)s and creation > %(month)s and kind != %(besides)s""",
		{
			"phone": phone,
			"day": clock.to_db(now - DAY),
			"month": clock.to_db(now - MONTH),
			"a_day": NUMBER_A_DAY,
			"a_month": NUMBER_A_MONTH,
			"counted": SENT_OR_WAITING,
			"besides": STAFF_REPLY,
		},
	)[0]
	return OfNumber(bool(full), bool(looked_up))


def number_is_full(phone: str) -> bool:
	"""Return whether `phone` (E.164) has reached its limit of answers."""
	return of_number(phone).is_full


def agent_is_full(user: str | None = None) -> bool:
	"""Return whether this staff member, by default the session's user, has reached the limit.

	Sessions that are not a person's never reach it.
	"""
	user = user or frappe.session.user
	return user not in NO_AGENTS and counted({"owner": user}, DAY, AGENT_A_DAY) >= AGENT_A_DAY


def day_is_full() -> bool:
	"""Return whether the daily limit of all numbers is reached. Logs a warning if it is.

	While fewer than the limit by FAR were counted, the next count is FAR_SECONDS later: a process does not
	write FAR notices in that time.
	"""
	limit, now = (frappe.local.site, ALL_A_DAY), time.monotonic()
	if now < _far_until.get(limit, 0.0):
		return False
	count = counted({}, DAY, ALL_A_DAY, besides=(*ASKED_FOR, STAFF_REPLY))
	full = count >= ALL_A_DAY
	if count < ALL_A_DAY - FAR:
		_far_until[limit] = now + FAR_SECONDS
	if full:
		frappe.logger("school_dialer").warning("more than %s texts in answer within a day", ALL_A_DAY)
	return full


def replies_are_full(phone: str) -> bool:
	"""Return whether staff wrote to `phone` (E.164), or this user to anyone, as often as a day allows."""
	to_number = {"phone": phone, "kind": STAFF_REPLY}
	by_user = {"owner": frappe.session.user, "kind": STAFF_REPLY}
	return (
		counted(to_number, DAY, REPLIES_TO_NUMBER_A_DAY, besides=()) >= REPLIES_TO_NUMBER_A_DAY
		or counted(by_user, DAY, REPLIES_OF_AGENT_A_DAY, besides=()) >= REPLIES_OF_AGENT_A_DAY
	)


def counted(of: dict, within: timedelta, most: int, besides: tuple[str, ...] = (STAFF_REPLY,)) -> int:
	"""Count recent notices with these values that are sent or waiting, up to `most`.

	`of` maps columns of Dialer Notice to values; notices of the kinds `besides` are not counted.
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
		query = query.where(notice.kind.notin(besides))
	return frappe.qb.from_(query.as_("counted")).select(Count("*")).run()[0][0]


def held_back(kind: str, phone: str) -> None:
	"""Log a text that a limit held back."""
	frappe.logger("school_dialer").info("held back: %s to %s", kind, mask(phone))
