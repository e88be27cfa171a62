"""Emergencies whose carrier account fails, when the school has another account.

Four things are looked at every few seconds while an emergency is under way:

- A call or text whose answer was lost. Half a minute later its account is asked. If it has nothing, the
  recipient is called once more. If it cannot be asked, the recipient is called once more through another
  account, once and never again: hearing an emergency twice is better than not at all. `told_again` of the
  recipient counts it. Everything else is never repeated.
- A call that was accepted and does not begin to ring. Half a minute later its account is asked. If the call
  still waits there, that counts against the account, and the call is canceled. If the account says that it
  had not begun, the recipient waits again, for another account. So does, once, the recipient of a call that
  the account does not know any more; this counts as called once more.
- An account that was not well because no phone rang, and lets one ring.
- An account that began none of the calls it accepted a few seconds ago (`silent_account`).
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from itertools import groupby

import frappe

from school_dialer.base import clock, states
from school_dialer.base.database.transactions import RETRIED, ended_if_silent
from school_dialer.base.jobs import EMERGENCY_QUEUE, alone, job
from school_dialer.campaigns.queues import enqueue_dispatch
from school_dialer.carriers.base import Carrier, CarrierError
from school_dialer.outbound.attempts import canceling, reconciler, silent_account, uncounted
from school_dialer.outbound.attempts.status_updates import StatusUpdate, apply
from school_dialer.outbound.pace import account_breaker, account_health
from school_dialer.settings import carrier_accounts, carrier_settings

BOUND = reconciler.LISTED
"""A request that the carrier accepted is in its lists by then, and a call rings."""
OLDEST = timedelta(hours=1)
"""Older ones are left to the reconciler."""
MOST = 50
NAP = 2.0
"""Seconds between two looks."""
MARK_SECONDS = 6
WAITING_KEY = "school_dialer_emergencies_watched"
LOCK = "emergency-watch"
SILENT_SECONDS = 300
"""Seconds without a statement after which the database ends the connection of a process that looks.

Its host is gone then, and another one looks. An account that answers slowly may take long to list its calls.
"""


def enqueue() -> None:
	"""Enqueue one job that looks, however often this is called. A worker may die with it."""
	if frappe.cache().set(frappe.cache().make_key(WAITING_KEY), 1, nx=True, ex=MARK_SECONDS):
		frappe.enqueue("school_dialer.outbound.attempts.emergency_watch.mind", queue=EMERGENCY_QUEUE)


@job
def mind() -> None:
	"""Look, and run again while an emergency has requests that are not settled (background job)."""
	# First, so that a request made during this look gets another one.
	frappe.cache().delete(frappe.cache().make_key(WAITING_KEY))
	if not carrier_accounts.several() or not has_unsettled_requests():
		return
	time.sleep(NAP)
	# A new transaction sees what changed during the nap.
	frappe.db.rollback()
	look(carrier_settings.Carriers(), account_health.Watch())
	enqueue()


def has_unsettled_requests() -> bool:
	rows = frappe.db.sql(
		"""select 1 from `tabDialer Call Log` where status_rank between 0 and 20 and placed_at > %s
		and purpose = 'Emergency' and direction = 'Outbound' and campaign is not null limit 1""",
		clock.to_db(clock.now() - OLDEST),
	)
	return bool(rows)


def look(carriers: carrier_settings.Carriers, watch: account_health.Watch) -> None:
	"""Look at everything once, in one process at a time. Commits."""
	with alone(LOCK) as mine:
		if mine:
			with ended_if_silent(SILENT_SECONDS):
				settle(carriers, watch)


def settle(carriers: carrier_settings.Carriers, watch: account_health.Watch) -> None:
	note_ringing_phones(watch)
	silent_account.look_for_silence(carriers, watch)
	freed = False
	for account, logs in by_account(lost_logs()):
		freed |= settle_lost(carriers, watch, account, logs)
	for account, logs in by_account(silent_logs()):
		freed |= settle_silent(carriers, watch, account, logs)
	if freed:
		enqueue_dispatch(emergency=True)
	# Enqueues the dispatcher.
	frappe.db.commit()


def by_account(logs: list) -> Iterable[tuple[str, list]]:
	for account, logs_together in groupby(logs, key=lambda log: log.carrier_account or ""):
		yield account, list(logs_together)


def lost_logs() -> list:
	"""Return emergencies' logs whose answer was lost half a minute ago."""
	return frappe.db.sql(
		"""select name, recipient, campaign, purpose, channel, sender, phone, placed_at, carrier_account,
			error_message is not null sent
		from `tabDialer Call Log`
		where status_rank = %(lost)s and placed_at between %(oldest)s and %(bound)s
		and purpose = 'Emergency' and direction = 'Outbound' and campaign is not null
		and exists (select 1 from `tabDialer Recipient` where last_call_log = `tabDialer Call Log`.name
			and status = 'Unknown')
		order by carrier_account, channel, sender, placed_at limit %(most)s""",
		{
			"lost": states.rank(states.LOST),
			"oldest": clock.to_db(clock.now() - OLDEST),
			"bound": clock.to_db(clock.now() - BOUND),
			"most": MOST,
		},
		as_dict=True,
	)


def settle_lost(carriers, watch: account_health.Watch, account: str, logs: list) -> bool:
	"""Ask one account about lost requests. Return whether someone may be called again."""
	freed = False
	for (channel, sender), logs_together in groupby(logs, key=lambda log: (log.channel, log.sender)):
		rows = list(logs_together)
		try:
			client = carriers.known(account)
			if client is None:
				raise CarrierError("no such account")
			reconciler.look_up(client, channel, sender, rows)
			freed = True
		except CarrierError:
			frappe.db.rollback()
			freed |= call_again(watch, account, rows)
		except RETRIED:
			frappe.db.rollback()
		# The next sender's list is read without these locks.
		frappe.db.commit()
	return freed


def call_again(watch: account_health.Watch, account: str, rows: list) -> bool:
	"""Call recipients once more whose account cannot be asked, if another account takes them."""
	watch.record(account, account_breaker.NO_ANSWER)
	if not account_health.any_other_takes_requests(account, carrier_accounts.in_use(), watch):
		return False
	return uncounted.call_once_more([log.name for log in rows])


def silent_logs() -> list:
	"""Return emergencies' calls that were accepted half a minute ago and of which nothing was heard since."""
	bound = clock.to_db(clock.now() - BOUND)
	return frappe.db.sql(
		"""select name, recipient, carrier_account, carrier_sid, channel from `tabDialer Call Log`
		where status_rank = %(queued)s and placed_at between %(oldest)s and %(bound)s
		and purpose = 'Emergency' and direction = 'Outbound' and channel = 'Voice' and campaign is not null
		and carrier_sid is not null and (asked_at is null or asked_at < %(bound)s)
		order by carrier_account, placed_at limit %(most)s""",
		{
			"queued": states.rank("queued"),
			"oldest": clock.to_db(clock.now() - OLDEST),
			"bound": bound,
			"most": MOST,
		},
		as_dict=True,
	)


def settle_silent(carriers, watch: account_health.Watch, account: str, logs: list) -> bool:
	"""Ask one account about calls that may not ring. Return whether someone may be called again."""
	freed = False
	for log in logs:
		frappe.db.set_value("Dialer Call Log", log.name, "asked_at", clock.db_now(), update_modified=False)
		# The carrier is asked without a lock on the row, which a webhook of this call may need meanwhile.
		frappe.db.commit()
		try:
			client = carriers.known(account)
			if client is None:
				continue
			freed |= ask_whether_it_rings(client, watch, account, log)
		except CarrierError:
			watch.record(account, account_breaker.NO_ANSWER)
			frappe.db.commit()
			# The account's other calls would wait for its answer just as long.
			break
		# The next call is asked about without a lock on this one.
		frappe.db.commit()
	return freed


def ask_whether_it_rings(client: Carrier, watch: account_health.Watch, account: str, log) -> bool:
	call = client.fetch_status(log.channel, log.carrier_sid)
	if silent_account.has_begun_to_ring(call):
		watch.record(account, account_breaker.RANG)
		apply(log.name, reconciler.status_update_of(call))
		return False
	watch.record(account, account_breaker.SILENT)
	if not account_health.any_other_takes_requests(account, carrier_accounts.in_use(), watch):
		return False
	if call is None and was_called_again(log.recipient):
		return False
	with canceling.awaited([log.name]):
		ended = client.cancel(log.channel, log.carrier_sid) if call else canceling.CANCELED
		moved = bool(ended) and apply(log.name, StatusUpdate(ended, answer=True))
		if moved and call is None:
			uncounted.mark_called_again([log.name])
		# While callbacks about this cancellation are still ignored.
		frappe.db.commit()
	return moved and ended == canceling.CANCELED


def was_called_again(recipient: str | None) -> bool:
	return bool(recipient and frappe.db.get_value("Dialer Recipient", recipient, "told_again"))


def note_ringing_phones(watch: account_health.Watch) -> None:
	"""Note that a phone rang through an account of which none did, since its trial began."""
	for account in carrier_accounts.in_use():
		health = watch.health(account.id)
		if health.state != account_breaker.HALF_OPEN or health.reason != account_breaker.SILENT:
			continue
		since = datetime.fromtimestamp(health.since, timezone.utc) + clock.offset()
		rang = frappe.db.sql(
			"""select 1 from `tabDialer Call Log` where status_rank >= %s and placed_at >= %s
			and status not in ('canceled', %s) and channel = 'Voice' and direction = 'Outbound'
			and carrier_account = %s limit 1""",
			(states.rank("ringing"), clock.to_db(since), states.REFUSED, account.id),
		)
		if rang:
			watch.record(account.id, account_breaker.RANG)
