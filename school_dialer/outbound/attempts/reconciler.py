"""Reconciles attempts with an unknown end.

The carrier is asked about them. They are adopted or released, never redialed blindly.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.base.database.transactions import RETRIED, begin_read_committed, retried
from school_dialer.base.jobs import alone, job
from school_dialer.carriers.base import Carrier, CarrierError, Placed
from school_dialer.consent import reported_opt_outs
from school_dialer.continuity import watch
from school_dialer.outbound.attempts import after_commit, uncounted
from school_dialer.outbound.attempts.matching import LEAVES_WITHIN, SKEW, Lost, Matches, match
from school_dialer.outbound.attempts.settling import finish
from school_dialer.outbound.attempts.status_updates import StatusUpdate, apply, move_log
from school_dialer.settings import carrier_faults, carrier_settings

ABANDONED = LEAVES_WITHIN
"""A claim, or a request being placed, that is this old has no living worker."""
LISTED = timedelta(seconds=30)
"""After this time a request that the carrier accepted is in the carrier's lists."""
SILENT = timedelta(minutes=10)
"""The carrier is asked about a call without a final callback after this time, and again each time it
passes."""
TIED = timedelta(minutes=10)
"""For this long a callback may still show which of several similar texts the carrier has."""
FITS = 2 * SKEW + LEAVES_WITHIN
"""Two requests no farther apart than this may both have made one call (`matching.Lost.may_have`)."""
GIVE_UP = timedelta(hours=25)
"""A call may wait for a day in the carrier's queue."""
MOST = 200
SENT = "sent"
LOOKED_UP = (
	"name, recipient, campaign, purpose, channel, sender, phone, placed_at, carrier_account, "
	"error_message is not null sent"
)
"""Columns of a lost log. `sent` is true if a worker recorded how the request failed; a killed worker records
nothing."""


@job
def run() -> None:
	"""Settle what killed workers, lost responses, and lost callbacks left open (scheduler job).

	Only one runs at a time. After a restore it waits for Safe mode to end: what looks lost then was placed.
	"""
	with alone("reconcile") as mine:
		if mine and not watch.stands_still():
			release_lost_claims()


def release_lost_claims() -> None:
	retried(settle_abandoned)
	lost, silent = lost_logs(), silent_logs()
	if not lost and not silent:
		return
	carriers = carrier_settings.Carriers(carrier_settings.first_carrier())
	for (channel, sender, account), logs in groupby(lost, key=lookup_group):
		if carrier := carriers.known(account):
			run_and_commit(look_up, carrier, channel, sender, list(logs))
		else:
			give_up_old(list(logs))
	for log in silent:
		carrier = carriers.known(log.carrier_account)
		if not (carrier and run_and_commit(ask_about, carrier, log)):
			give_up_old([log])


def lookup_group(log) -> tuple[str, str, str]:
	"""Return what logs that are looked up together share. A sender may have moved to another account."""
	return log.channel, log.sender, log.carrier_account or ""


def give_up_old(logs: list) -> None:
	"""Give up calls and texts of which no account says anything, once too old to go out. Commits."""
	for log in logs:
		if clock.from_db(log.placed_at) >= clock.now() - GIVE_UP:
			continue
		if log.get("status") == SENT:
			expect_no_receipt(log)
		else:
			give_up(log, _("The carrier account of this call does not answer"), _("no word from the carrier"))
	# The next account is asked without locks on these rows.
	frappe.db.commit()


def settle_abandoned() -> None:
	"""Mark what killed workers left behind. Commits."""
	release_abandoned_claims()
	mark_lost()
	withdraw_from_ended()
	# The carrier is asked next, and may take long: no row stays locked meanwhile.
	frappe.db.commit()


def run_and_commit(work: Callable, carrier: Carrier, *arguments) -> bool:
	"""Run one piece of work and commit. Return False if the carrier does not answer.

	In that case, and if others hold database locks, it is tried again next time. A lock says nothing about
	the carrier, for which a call that is old is given up.
	"""
	try:
		work(carrier, *arguments)
		frappe.db.commit()
	except CarrierError as error:
		frappe.db.rollback()
		frappe.logger("school_dialer").warning("the carrier does not tell what became of calls: %s", error)
		return False
	except RETRIED:
		frappe.db.rollback()
	return True


def release_abandoned_claims() -> None:
	"""Release claims of workers that died before they wrote a call log, so before any request."""
	before = clock.to_db(clock.now() - ABANDONED)
	frappe.db.sql(
		"""update `tabDialer Recipient` recipient
		join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		left join `tabDialer Call Log` log on log.name = recipient.last_call_log
			and log.status_rank < %(final)s
		set recipient.status = if(campaign.status in %(ended)s, 'Cancelled', 'Pending'),
			recipient.claim = null
		where recipient.status = 'Dialing' and recipient.claimed_at < %(before)s and log.name is null""",
		{"final": states.FINAL_RANK, "before": before, "ended": states.ENDED},
	)


def mark_lost() -> None:
	"""Mark logs without a recorded response as lost: their worker died before or after the POST."""
	before = clock.to_db(clock.now() - ABANDONED)
	frappe.db.sql(
		"""update `tabDialer Call Log` log
		left join `tabDialer Recipient` recipient on recipient.last_call_log = log.name
		set log.status = %(lost)s, log.status_rank = %(lost_rank)s, recipient.status = 'Unknown'
		where log.status_rank = %(placing_rank)s and log.status = %(placing)s
		and log.placed_at < %(before)s""",
		{
			"lost": states.LOST,
			"lost_rank": states.rank(states.LOST),
			"placing": states.PLACING,
			"placing_rank": states.rank(states.PLACING),
			"before": before,
		},
	)


def withdraw_from_ended() -> None:
	"""Cancel recipients that were released just as their campaign was canceled. They would wait forever."""
	ended = frappe.db.sql(
		"""select name from `tabDialer Campaign` campaign where status in %s
		and exists (select 1 from `tabDialer Recipient` where campaign = campaign.name and status in %s)""",
		(states.ENDED, states.WAITING),
	)
	if ended:
		frappe.db.sql(
			"update `tabDialer Recipient` set status = 'Cancelled' where campaign in %s and status in %s",
			(tuple(name for (name,) in ended), states.WAITING),
		)


def lost_logs() -> list:
	"""Return the oldest logs whose response was lost, grouped by channel and sending number."""
	logs = frappe.db.sql(
		f"""select {LOOKED_UP} from `tabDialer Call Log`
		where direction = 'Outbound' and status_rank = %s and placed_at < %s order by placed_at limit %s""",
		(states.rank(states.LOST), clock.to_db(clock.now() - LISTED), MOST),
		as_dict=True,
	)
	return sorted(logs, key=lookup_group)


def silent_logs() -> list:
	"""Return calls and texts at the carrier whose end it has not reported. Each is asked about in turn."""
	before = clock.to_db(clock.now() - SILENT)
	return frappe.db.sql(
		"""select name, recipient, campaign, channel, status, placed_at, carrier, carrier_account,
			carrier_sid
		from `tabDialer Call Log`
		where direction = 'Outbound' and status_rank > %(lost)s and status_rank < %(final)s
		and placed_at < %(before)s
		and ended_at is null and (asked_at is null or asked_at < %(before)s)
		order by asked_at, placed_at limit %(most)s""",
		{"lost": states.rank(states.LOST), "final": states.FINAL_RANK, "before": before, "most": MOST},
		as_dict=True,
	)


def look_up(carrier: Carrier, channel: str, sender: str, logs: list) -> None:
	"""Adopt what the carrier has for these logs. Release the recipients of those for which it has nothing.

	The order matters: once the carrier's list has been read, each item in it belongs to a request in flight,
	or a log already has its ID. An item goes to the nearest of all lost logs. Logs that are looked up another
	time are left as they are.
	"""
	since = min(clock.from_db(log.placed_at) for log in logs) - SKEW
	listed = carrier.list_recent(channel, {log.phone for log in logs}, sender, since)
	# After the list: every log that had no ID when it was read shows what it is by now.
	begin_read_committed()
	ours = {log.name for log in logs}
	in_flight = requests_in_flight(channel, sender, since, ours)
	taken = owned([placed.sid for placed in listed])
	candidates = [*map(as_lost, logs), *other_lost_requests(channel, sender, logs)]
	matches = match(candidates, [placed for placed in listed if placed.sid not in taken], in_flight)
	for name, placed in matches.placed.items():
		if name in ours:
			apply(name, status_update_of(placed))
	free = [log for log in logs if may_be_called_again(log, matches)]
	uncounted.mark_not_sent([log.name for log in free], _("Never reached the carrier"))
	uncounted.mark_called_again([log.name for log in free if log.purpose == "Emergency"])
	long_ago = clock.now() - TIED
	for log in logs:
		if (
			log.name in matches.tied
			and not may_be_called_again(log, matches)
			and clock.from_db(log.placed_at) < long_ago
		):
			why = _("The carrier has this text or one that looks like it")
			give_up(log, why, _("not known whether it was sent"))


def may_be_called_again(log, matches: Matches) -> bool:
	"""Return True if the recipient may be called again.

	In an emergency, hearing the message twice is better than not at all.
	"""
	if log.name in matches.tied:
		return log.purpose == "Emergency"
	return log.name not in matches.placed and log.name not in matches.waiting


def as_lost(log) -> Lost:
	return Lost(log.name, log.phone, clock.from_db(log.placed_at), bool(log.sent))


def requests_in_flight(channel: str, sender: str, since: datetime, but: set[str]) -> list[Lost]:
	"""Return requests of this number whose response is not written yet, or was lost just now."""
	rows = frappe.db.sql(
		f"""select {LOOKED_UP} from `tabDialer Call Log`
		where status_rank <= %(lost)s and placed_at > %(since)s and placed_at > %(listed)s
		and direction = 'Outbound' and channel = %(channel)s and sender = %(sender)s""",
		{
			"lost": states.rank(states.LOST),
			"since": clock.to_db(since),
			"listed": clock.to_db(clock.now() - ABANDONED - LISTED),
			"channel": channel,
			"sender": sender,
		},
		as_dict=True,
	)
	return [as_lost(row) for row in rows if row.name not in but]


def other_lost_requests(channel: str, sender: str, logs: list) -> list[Lost]:
	"""Return the sender's other lost logs that may match the same items as these logs.

	They have the same number, or are close in time where numbers are masked.
	"""
	rows = frappe.db.sql(
		f"""select {LOOKED_UP} from `tabDialer Call Log`
		where status_rank = %(lost)s and placed_at < %(listed)s
		and (phone in %(numbers)s or placed_at < %(until)s)
		and direction = 'Outbound' and channel = %(channel)s and sender = %(sender)s
		and name not in %(logs)s""",
		{
			"lost": states.rank(states.LOST),
			"listed": clock.to_db(clock.now() - LISTED),
			"numbers": tuple({log.phone for log in logs}),
			"until": max(log.placed_at for log in logs) + FITS,
			"channel": channel,
			"sender": sender,
			"logs": tuple(log.name for log in logs),
		},
		as_dict=True,
	)
	return [as_lost(row) for row in rows]


def owned(sids: list[str]) -> set[str]:
	"""Return the IDs that a call log already has."""
	rows = sids and frappe.db.sql(
		"select carrier_sid from `tabDialer Call Log` where carrier_sid in %s", (tuple(sids),)
	)
	return {sid for (sid,) in rows}


def ask_about(carrier: Carrier, log) -> None:
	placed = carrier.fetch_status(log.channel, log.carrier_sid)
	frappe.db.set_value("Dialer Call Log", log.name, "asked_at", clock.db_now(), update_modified=False)
	if placed and carrier_faults.reports_opt_out(placed.error_code, log.carrier_account):
		reported_opt_outs.record_of_carrier(log.name)
	if placed:
		apply(log.name, status_update_of(placed))
	if placed and placed.status == SENT:
		expect_no_receipt(log)
	elif placed is None or (not is_over(placed) and clock.from_db(log.placed_at) < clock.now() - GIVE_UP):
		give_up(log, _("The carrier no longer knows this call"), _("no word from the carrier"))


def expect_no_receipt(log) -> None:
	"""End a text that was sent. Many networks never report a delivery, so it is all that will be known.

	A receipt that comes all the same is still recorded.
	"""
	apply(log.name, StatusUpdate(states.UNREPORTED))


def status_update_of(placed: Placed) -> StatusUpdate:
	"""Return the report that callbacks would have made, so that the call is judged by the same rule.

	An unknown status only means that the call exists.
	"""
	status_update = StatusUpdate.of(placed)
	return status_update if status_update.status in states.RANK else replace(status_update, status="queued")


def is_over(placed: Placed) -> bool:
	return placed.status in states.RANK and states.is_final(placed.status)


def give_up(log, why: str, outcome: str) -> None:
	move_log(log.name, StatusUpdate("failed", error_message=why))
	end_log(log, states.NOT_REACHED, outcome)


def end_log(log, state: str, outcome: str) -> None:
	frappe.db.set_value("Dialer Call Log", log.name, "ended_at", clock.db_now(), update_modified=False)
	finish(log.recipient, log.name, state, outcome)
	after_commit.complete(log.campaign)
