"""Record consents that expired.

The decision engine uses their expiry date in any case. This writes the expiry into the history and the lists.
"""

from datetime import timedelta

import frappe

from school_dialer.base import clock
from school_dialer.base.database.transactions import begin_read_committed
from school_dialer.base.jobs import job
from school_dialer.consent import events, ledger, state
from school_dialer.consent.events import Event, Evidence

CHUNK = 500


@job
def daily() -> None:
	"""Scheduler job: record an Expire event for every granted consent past its date. Commits each chunk."""
	begin_read_committed()
	while expire_some(CHUNK):
		frappe.db.commit()
	frappe.db.commit()


def expire_some(most: int) -> int:
	"""Record the expiry of up to `most` consents. Returns how many were due. The caller commits."""
	now = clock.now()
	due = frappe.db.sql(
		"""select phone, channel, purpose from `tabContact Consent`
		where status = %s and expires_at <= %s order by phone limit %s""",
		(state.GRANTED, clock.to_db(now - timedelta(microseconds=1)), most),
	)
	evidence = Evidence(source="System", note="Its date of expiry has passed.")
	ledger.record_many(
		[Event(events.EXPIRE, phone, evidence, channel, purpose, at=now) for phone, channel, purpose in due]
	)
	return len(due)
