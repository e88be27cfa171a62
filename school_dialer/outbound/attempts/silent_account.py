"""Notice within seconds that a carrier account accepts an emergency's calls and lets no phone ring.

No callback says that a phone rings: requesting it would double the callbacks of every call. So the account is
asked about the calls that it accepted a few seconds ago. If it has begun none of them, the next calls go
through another account. A false alarm costs little: the account gets a few calls again after a few seconds,
and the calls that it has are neither canceled nor repeated because of this (`emergency_watch` sees to those).
"""

from datetime import timedelta

import frappe

from school_dialer.base import clock, states
from school_dialer.carriers.base import Carrier, CarrierError, Placed
from school_dialer.outbound.attempts import reconciler
from school_dialer.outbound.pace import account_breaker, account_health
from school_dialer.settings import carrier_accounts, carrier_settings

EARLY = timedelta(seconds=3)
"""A phone in the United States begins to ring two to four seconds after the carrier took the call."""
SAMPLE = 5
"""Calls that must all not have begun."""


def look_for_silence(carriers: carrier_settings.Carriers, watch: account_health.Watch) -> None:
	"""Ask each account that is well about its latest calls, if another could take the next ones."""
	accounts = carrier_accounts.in_use()
	for account in accounts:
		well = watch.health(account.id).state == account_breaker.CLOSED
		if not well or not account_health.any_other_takes_requests(account.id, accounts, watch):
			continue
		calls = latest_calls(account.id)
		client = carriers.known(account.id) if len(calls) == SAMPLE else None
		if client is None or any(call.status_rank > states.rank("queued") for call in calls):
			continue
		try:
			silent = not any(has_begun_to_ring(fetch(client, call)) for call in calls)
		except CarrierError:
			watch.record(account.id, account_breaker.NO_ANSWER)
			continue
		for _time in range(account_breaker.IN_A_ROW if silent else 0):
			watch.record(account.id, account_breaker.SILENT)


def latest_calls(account: str) -> list:
	"""Return an account's latest calls of emergencies that are old enough to ring."""
	now = clock.now()
	return frappe.db.sql(
		"""select carrier_sid, status_rank from `tabDialer Call Log`
		where placed_at between %(oldest)s and %(youngest)s and carrier_account = %(account)s
		and status_rank >= %(queued)s and purpose = 'Emergency' and channel = 'Voice'
		and direction = 'Outbound' and campaign is not null and carrier_sid is not null
		order by placed_at desc limit %(sample)s""",
		{
			"oldest": clock.to_db(now - reconciler.LISTED),
			"youngest": clock.to_db(now - EARLY),
			"account": account,
			"queued": states.rank("queued"),
			"sample": SAMPLE,
		},
		as_dict=True,
	)


def fetch(client: Carrier, call) -> Placed | None:
	return client.fetch_status("Voice", call.carrier_sid)


def has_begun_to_ring(call: Placed | None) -> bool:
	return (
		call is not None and call.status in states.RANK and states.rank(call.status) > states.rank("queued")
	)
