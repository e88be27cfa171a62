"""Check whether calls are due, since when, and whether anything moves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.campaigns.due import due_campaigns
from school_dialer.campaigns.teachers import limits
from school_dialer.health.finding import FAIL, OK, WARN, Finding, ago

LATELY = timedelta(days=7)
DECLINED = ("603", "607", "608")
"""Codes of the network for calls that were declined or blocked (RFC 3261, 8197, 8688)."""
FEWEST, SHARE = 10, 0.05
"""So many declined calls, and this share, are no accident."""
LATEST = 10_000
"""Calls and texts that are looked at, so that a monitor may ask each minute."""
PATIENCE = timedelta(minutes=5)
"""How long calls may be due while nothing moves: a little more than a tick of the scheduler on Frappe 16."""


@dataclass(frozen=True, slots=True)
class Backlog:
	"""What is due now.

	- ``since``: when the longest-waiting item became due, aware; None if no call is due.
	- ``waiting``: recipients, plus campaigns whose start or planning is due.
	- ``moving``: a request began, or a chunk was planned, within `PATIENCE`.
	"""

	since: datetime | None
	waiting: int
	moving: bool

	def age(self, at: datetime) -> timedelta:
		return at - self.since if self.since else timedelta()

	def stalled(self, at: datetime) -> bool:
		return self.age(at) > PATIENCE and not self.moving


def calls_due() -> Finding:
	due, at = backlog(), clock.now()
	age = due.age(at)
	figures = {"oldest_due_seconds": age.total_seconds(), "due": due.waiting}
	if not due.since:
		return Finding("due", OK, _("No call is due now."), figures)
	if due.stalled(at):
		text = _(
			"Calls are due and nothing moves. Waiting: {0}, the longest for {1}. Look at the workers and the "
			"carrier, below and in the campaign."
		).format(due.waiting, ago(age))
		return Finding("due", FAIL, text, figures)
	text = _("Calls are going out. Waiting: {0}, the longest for {1}.").format(due.waiting, ago(age))
	return Finding("due", OK, text, figures)


def declined_calls() -> Finding:
	"""Check how many of the latest calls phones and telephone companies declined."""
	calls, declined = frappe.db.sql(
		"""select count(sip_code), coalesce(sum(sip_code in %s), 0) from (
			select sip_code from `tabDialer Call Log` where status_rank = %s and placed_at > %s
			order by placed_at desc limit %s
		) latest""",
		(DECLINED, states.rank("completed"), clock.to_db(clock.now() - LATELY), LATEST),
	)[0]
	figures = {"calls_declined": int(declined)}
	if declined < FEWEST or declined < SHARE * calls:
		return Finding("declined", OK, _("Few phones decline the calls."), figures)
	text = _(
		"Phones and telephone companies declined {0} of the latest {1} calls. A sending number may be "
		"shown as spam: register it with the carrier's caller reputation services, and ask families to save "
		"it."
	).format(int(declined), calls)
	return Finding("declined", WARN, text, figures)


def backlog() -> Backlog:
	"""Return what is due.

	While an emergency has calls due, other campaigns wait for it and are not counted.
	"""
	now = clock.db_now()
	calling = due_campaigns()
	people, since = waiting_people(calling, now)
	starting = campaigns_to_start(now)
	dates = [moment for moment in (since, *(row.since for row in starting)) if moment]
	if not dates:
		return Backlog(None, 0, False)
	after = now - PATIENCE
	moving = any(row.moved_at and row.moved_at > after for row in starting) or requests_since(after, calling)
	return Backlog(clock.from_db(min(dates)), people + len(starting), moving)


def waiting_people(campaigns: list, now: datetime) -> tuple[int, datetime | None]:
	"""Return how many recipients are due, and since when (naive, site time).

	The time is never earlier than when their campaign started or was resumed, and for teachers' messages when
	today's hours for them began.
	"""
	if not campaigns:
		return 0, None
	return frappe.db.sql(
		"""select count(*), min(greatest(recipient.not_before, coalesce(campaign.started_at,
			recipient.not_before),
			coalesce(campaign.resumed_at, recipient.not_before),
			if(ifnull(campaign.teacher, '') = '', recipient.not_before, %(teachers)s)))
		from `tabDialer Recipient` recipient join `tabDialer Campaign` campaign
			on campaign.name = recipient.campaign
		where recipient.campaign in %(names)s and (recipient.campaign, recipient.channel) in %(pairs)s
			and recipient.status in %(waiting)s and recipient.not_before <= %(now)s""",
		{
			"names": [campaign.name for campaign in campaigns],
			"pairs": [(campaign.name, campaign.channel) for campaign in campaigns],
			"waiting": states.WAITING,
			"now": now,
			"teachers": datetime.combine(now.date(), limits.hours()[0]),
		},
	)[0]


def campaigns_to_start(now: datetime) -> list[frappe._dict]:
	"""Return scheduled campaigns that are due and campaigns being planned.

	For the latter, the planner's last chunk counts as movement.
	"""
	return frappe.db.sql(
		"""select name, if(status = 'Scheduled', scheduled_at, started_at) since,
			if(status = 'Scheduled', null, heartbeat_at) moved_at
		from `tabDialer Campaign`
		where (status = 'Scheduled' and scheduled_at <= %(now)s) or (status = 'Preparing'
			and started_at <= %(now)s)""",
		{"now": now},
		as_dict=True,
	)


def requests_since(after: datetime, campaigns: list) -> bool:
	"""Return whether a recipient of these campaigns was claimed, or a request begun, after this time.

	``after`` is naive, in site time.
	"""
	if not campaigns:
		return False
	values = {"names": [campaign.name for campaign in campaigns], "after": after, "dialing": states.DIALING}
	return bool(
		frappe.db.sql(
			"""select 1 from `tabDialer Recipient` where status = %(dialing)s and claimed_at > %(after)s
			and campaign in %(names)s limit 1""",
			values,
		)
		or frappe.db.sql(
			"select 1 from `tabDialer Call Log` where campaign in %(names)s and placed_at > %(after)s "
			"limit 1",
			values,
		)
	)
