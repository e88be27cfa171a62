"""The carrier's own queue.

A call that waits there may ring hours later, up to a day
(https://www.twilio.com/docs/voice/api/call-resource).

Two things keep calls from ringing after hours. While calls go out, one of the latest is looked up from time
to time. If it is still queued, the account starts fewer calls per second than the settings say, and no more
calls are placed until the queue is short again (`pause_while_queued`). Shortly before calling hours end
somewhere, every call there that has not begun is canceled (`cancel_queued`) and waits for the next day.
"""

import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.base.database.transactions import wait_holding
from school_dialer.base.jobs import EMERGENCY_QUEUE, alone, job, tick_seconds
from school_dialer.carriers.base import Carrier, CarrierError
from school_dialer.outbound.attempts import canceling
from school_dialer.outbound.attempts.matching import SKEW
from school_dialer.outbound.attempts.status_updates import StatusUpdate, apply
from school_dialer.outbound.pace import pacer
from school_dialer.settings import carrier_settings

LEAD = timedelta(seconds=12)
"""Calls are canceled this long before their hours end. No call is placed this late
(`compliance.permit.lead`)."""
HORIZON = timedelta(minutes=5)
"""Closings at least this near are waited for (`horizon`)."""
MARK_SECONDS = 6
NAP = 2.0
"""Seconds that one job waits before the next takes over, so that an emergency finds a free worker."""
CANCEL_THREADS = 16
AT_ONCE = 500
YOUNGEST, OLDEST = timedelta(seconds=8), timedelta(seconds=60)
"""The age of a call that is looked up to measure the queue. Without a queue it is ringing by then."""
HOLD_SECONDS = 10.0
QUEUED = "queued"
UNKNOWN_EMERGENCY = "an emergency"
WAITING_KEY = "school_dialer_closing_watched"


def watch(closings: Iterable[datetime | None] | None = None) -> None:
	"""Enqueue a job that waits for the end of calling hours, if an end is near.

	`closings` are the ends of hours (aware) of certain calls; None means any call that may not have begun.
	"""
	candidates = [next_closing()] if closings is None else closings
	if any(closing and closing <= clock.now() + horizon() for closing in candidates):
		enqueue()


def horizon() -> timedelta:
	"""Return how near a closing must be to be waited for: more than the time between two ticks."""
	return max(HORIZON, timedelta(seconds=tick_seconds() + 60))


def enqueue() -> None:
	"""Enqueue one job, however often this is called.

	A worker may die with the job, so the Redis mark expires soon.
	"""
	if frappe.cache().set(frappe.cache().make_key(WAITING_KEY), 1, nx=True, ex=MARK_SECONDS):
		frappe.enqueue("school_dialer.outbound.attempts.carrier_queue.mind_closings", queue=EMERGENCY_QUEUE)


@job
def mind_closings() -> None:
	"""Cancel calls that have not begun, shortly before their hours end (background job).

	Runs again until no end is near.
	"""
	# First, so that a closing that is noted during this job gets another one.
	frappe.cache().delete(frappe.cache().make_key(WAITING_KEY))
	with alone("closings") as mine:
		closing = mine and next_closing()
		if not closing or closing > clock.now() + horizon():
			return
		wait = (closing - LEAD - clock.now()).total_seconds()
		if wait > 0:
			time.sleep(min(wait, NAP))
		cancel_due(carrier_settings.first_carrier())
	enqueue()


def cancel_due(carrier: Carrier | None) -> None:
	"""Cancel the calls whose hours end now. Commits.

	A dispatcher also calls this while it works: on a small bench it occupies the only worker.
	"""
	if due := not_begun(clock.now() + LEAD):
		cancel_queued(carrier, due)


def next_closing() -> datetime | None:
	"""Return the next end of calling hours (aware) of a call that may not have begun, or None.

	Calls that were already asked about near that end do not count.
	"""
	rows = not_begun(clock.now() + horizon(), most=1)
	return clock.from_db(rows[0].closes_at) if rows else None


def not_begun(closes_before: datetime, most: int = AT_ONCE) -> list:
	"""Return calls that no one has answered and whose hours end by `closes_before` (aware), earliest first.

	Leaves out calls that were already asked about near their end. Includes requests whose response was lost
	or whose worker died: the carrier may have a call for them too.
	"""
	return frappe.db.sql(
		"""select name, campaign, carrier_account, carrier_sid, phone, sender, placed_at, closes_at
		from `tabDialer Call Log`
		where status_rank < %(answered)s and direction = 'Outbound' and channel = 'Voice'
		and placed_at > %(yesterday)s and closes_at <= %(before)s
		and (asked_at is null or asked_at < closes_at - interval %(lead)s second)
		order by closes_at, placed_at limit %(most)s""",
		{
			"answered": states.rank("in-progress"),
			"yesterday": clock.to_db(clock.now() - timedelta(hours=25)),
			"before": clock.to_db(closes_before),
			"lead": int(LEAD.total_seconds()),
			"most": most,
		},
		as_dict=True,
	)


def cancel_queued(carrier: Carrier | None, logs: list) -> None:
	"""Cancel the calls that are still in their carrier's queue. Commits.

	`carrier` is the first account's, if it can be used. Calls of other accounts are canceled there. A phone
	that is ringing keeps ringing: it began within calling hours. One that began to ring just before it was
	canceled was called and did not answer.
	"""
	elsewhere, carriers = open_elsewhere(logs), carrier_settings.Carriers(carrier)
	for log in logs:
		log.client = carriers.known(log.get("carrier_account"))
		log.since, log.elsewhere = clock.from_db(log.placed_at) - SKEW, elsewhere.get(log.phone, set())
	with canceling.awaited([log.name for log in logs if log.carrier_sid]):
		with ThreadPoolExecutor(CANCEL_THREADS) as pool:
			asked = [pool.submit(cancel_if_queued, carrier, log) for log in logs]
			wait_holding(asked)
		for log, ended in zip(logs, (future.result() for future in asked), strict=True):
			if ended is None:
				continue
			frappe.db.set_value(
				"Dialer Call Log", log.name, "asked_at", clock.db_now(), update_modified=False
			)
			if ended and log.carrier_sid:
				apply(log.name, StatusUpdate(ended, answer=True))
				write_reason(log.name, _("Calling hours ended before the phone rang"))
		# While callbacks about these cancellations are still ignored.
		frappe.db.commit()


def write_reason(log_name: str, why: str) -> None:
	"""Write the reason on the log of a canceled call.

	The carrier reports the end of a call that it canceled, sometimes before it answers the cancel request,
	and does not know the reason.
	"""
	frappe.db.sql(
		"update `tabDialer Call Log` set error_message = %s "
		"where name = %s and status = 'canceled' and ifnull(error_message, '') = ''",
		(why, log_name),
	)


def cancel_if_queued(carrier: Carrier | None, log) -> str | None:
	"""Return how the call ended if it was canceled (`Carrier.cancel`), "" if it was not.

	Return None if the carrier could not be asked.

	Uses no Frappe, so it may run in a thread. Without the carrier's ID, the carrier's recent calls to the
	number are listed. The reconciler adopts what is canceled that way, as canceled. If an emergency call to
	this number may be in that list, nothing is canceled.
	"""
	carrier = log.get("client") or carrier
	# The school uses the account of this call no more, so no one can be asked.
	if "client" in log and log.client is None:
		return None
	try:
		if log.carrier_sid:
			calls = [carrier.fetch_status("Voice", log.carrier_sid)]
		elif UNKNOWN_EMERGENCY in log.elsewhere:
			return ""
		else:
			listed = carrier.list_recent("Voice", {log.phone}, log.sender, log.since)
			calls = [call for call in listed if call.sid not in log.elsewhere]
		ended = {carrier.cancel("Voice", call.sid) for call in calls if call and call.status == QUEUED}
		return next((status for status in (canceling.NO_ANSWER, canceling.CANCELED) if status in ended), "")
	except CarrierError:
		return None


def open_elsewhere(logs: list) -> dict[str, set[str]]:
	"""Return {number: carrier IDs of other unanswered calls there}, for calls without an ID.

	An emergency call without an ID counts as `UNKNOWN_EMERGENCY`.
	"""
	unknown = {log.phone for log in logs if not log.carrier_sid}
	open_calls: dict[str, set[str]] = defaultdict(set)
	for phone, sid in unknown and frappe.db.sql(
		"""select phone, ifnull(carrier_sid, %(unknown)s) from `tabDialer Call Log`
		where phone in %(phones)s and name not in %(logs)s and status_rank < %(answered)s
		and direction = 'Outbound' and channel = 'Voice'
		and (carrier_sid is not null or purpose = 'Emergency')""",
		{
			"unknown": UNKNOWN_EMERGENCY,
			"phones": tuple(unknown),
			"logs": tuple(log.name for log in logs),
			"answered": states.rank("in-progress"),
		},
	):
		open_calls[phone].add(sid)
	return open_calls


def pause_while_queued(carrier: Carrier | None) -> bool:
	"""Look up one of the latest calls, and stop placing calls for a while if it is still queued.

	Return True if it was. `carrier` is the first account's. Holds the stream of the call's account for
	`HOLD_SECONDS`, and writes the reason on the running voice campaigns. Does not commit.
	"""
	now = clock.now()
	latest = frappe.db.sql(
		"""select carrier_sid, carrier_account from `tabDialer Call Log`
		where status_rank = %s and status = %s
		and placed_at between %s and %s and direction = 'Outbound' and channel = 'Voice'
		and carrier_sid is not null
		order by placed_at desc limit 1""",
		(states.rank(QUEUED), QUEUED, clock.to_db(now - OLDEST), clock.to_db(now - YOUNGEST)),
	)
	try:
		if not latest:
			return False
		sid, account = latest[0]
		client = carrier_settings.Carriers(carrier).known(account)
		call = client and client.fetch_status("Voice", sid)
	except CarrierError:
		return False
	if not call or call.status != QUEUED:
		return False
	pacer.hold_streams([pacer.account_stream(account or "")], HOLD_SECONDS)
	frappe.db.sql(
		"update `tabDialer Campaign` set status_message = %s where status = %s and channel = 'Voice'",
		(
			_(
				"Calls wait in the carrier's queue, so no more are placed until it is short. "
				"The account starts fewer calls a second "
				"than Dialer Settings say: correct Account's Calls per Second."
			),
			states.RUNNING,
		),
	)
	return True
