"""Status callbacks of the carrier, applied in batches.

A callback is pushed to a list in Redis. The process that holds the lock on the list applies everything in it
in one transaction. At a normal pace that is the request that brought the callback, before it responds. In a
burst, one request applies what the others leave in the list, and those respond at once: some fifty callbacks
share one transaction and one look at the campaign.

A callback is removed from the list after the commit. So a killed process loses none, and one that is applied
twice changes nothing. One that cannot be read holds back no other. Callbacks that Redis loses are as if the
carrier had never sent them: the reconciler asks for them. Opt-outs do not come this way.
"""

import json
from dataclasses import asdict
from datetime import datetime

import frappe
from redis.exceptions import RedisError

from school_dialer.base import clock, states
from school_dialer.base.database.transactions import retried
from school_dialer.base.jobs import alone, report
from school_dialer.outbound.attempts import status_updates
from school_dialer.outbound.attempts.status_updates import StatusUpdate

LIST = "school_dialer_callbacks"
MOST = 200

Report = tuple[str, StatusUpdate]


def receive(log_name: str, status_update: StatusUpdate) -> None:
	"""Apply a status callback before returning, unless another process is already applying them.

	An unknown status is not an error; it is ignored. Without Redis, the callback is applied directly.
	Commits.
	"""
	if status_update.status not in states.RANK:
		return
	try:
		frappe.cache().rpush(LIST, to_json(log_name, status_update))
		apply_waiting()
	except RedisError:
		apply([(log_name, status_update)])


def apply_waiting() -> None:
	"""Apply everything in the list, unless another process is doing so.

	That process looks again after it releases the lock. The process that began continues until the list is
	empty: the burst may be over, and no later request may come to continue.
	"""
	while apply_once() and frappe.cache().llen(LIST):
		pass


def apply_once() -> bool:
	"""Apply what is in the list. Return False if another process is doing so.

	The caller looks whether there is more afterward.
	"""
	with alone("callbacks") as first:
		full = first
		while full and (waiting := frappe.cache().lrange(LIST, 0, MOST - 1)):
			apply(list(filter(None, map(read_report, waiting))))
			# Only after the commit: a process that dies before this loses none of them.
			frappe.cache().ltrim(LIST, len(waiting), -1)
			full = len(waiting) == MOST
	return first


def apply(reports: list[Report]) -> None:
	"""Apply callbacks in one transaction.

	If it fails, apply each on its own, so that one does not fail another. A callback that fails on its own is
	left to the reconciler.
	"""

	def transaction() -> None:
		status_updates.apply_all(reports)
		# With the recipients: a log that moved without its recipient would not move again.
		frappe.db.commit()

	try:
		retried(transaction)
	except Exception as error:
		frappe.db.rollback()
		if len(reports) == 1:
			report("callbacks", error)
		else:
			for single in reports:
				apply([single])


def to_json(log_name: str, status_update: StatusUpdate) -> str:
	return json.dumps(
		[log_name, asdict(status_update) | {"at": (status_update.at or clock.now()).isoformat()}]
	)


def read_report(text: bytes) -> Report | None:
	"""Return a callback from the list, or None for one that cannot be read: it is left to the reconciler.

	Another version of this app may have written it.
	"""
	try:
		return from_json(text)
	except (ValueError, TypeError, KeyError) as error:
		report("callbacks", error)
		return None


def from_json(text: bytes) -> Report:
	log_name, values = json.loads(text)
	return log_name, StatusUpdate(**values | {"at": datetime.fromisoformat(values["at"])})
