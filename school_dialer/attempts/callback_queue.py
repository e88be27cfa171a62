"""Reports of the carrier, applied in sets.

A report is put into a list in Redis, and whichever process is alone at the list applies what is in it, in one transaction. At
an ordinary pace that is the request that brought the report, before it answers. In a burst one request applies what the
others leave there, and these answer at once: some fifty reports share the begin, the commit and the look at the campaign.

A report leaves the list after the commit, so one that is applied twice changes nothing and a killed process loses none. Those
that Redis loses are as if the carrier had never sent them: the reconciler asks for them. Opt-outs do not come this way.
"""

import json
from dataclasses import asdict
from datetime import datetime

import frappe
from redis.exceptions import RedisError

from school_dialer import clock, states
from school_dialer.attempts import status_updates
from school_dialer.attempts.status_updates import StatusUpdate
from school_dialer.jobs import alone, report
from school_dialer.transactions import retried

LIST = "school_dialer_callbacks"
MOST = 200

Report = tuple[str, StatusUpdate]


def receive(log_name: str, news: StatusUpdate) -> None:
	"""Applied on return, unless another process is at it. An unknown status is no error: it says nothing."""
	if news.status not in states.RANK:
		return
	try:
		frappe.cache().rpush(LIST, to_json(log_name, news))
		apply_waiting()
	except RedisError:
		apply([(log_name, news)])


def apply_waiting() -> None:
	"""Apply all that waits, unless somebody else is at it, who looks again after letting go. Whoever began stays until the
	list is empty: the burst may be over, and no later request come to go on."""
	while frappe.cache().llen(LIST):
		with alone("callbacks") as first:
			if not first:
				return
			while waiting := frappe.cache().lrange(LIST, 0, MOST - 1):
				apply([from_json(one) for one in waiting])
				frappe.cache().ltrim(LIST, len(waiting), -1)


def apply(reports: list[Report]) -> None:
	"""One transaction. Should it fail, each on its own, so that none fails for another; that one is left to the reconciler."""

	def transaction() -> None:
		status_updates.apply_all(reports)
		frappe.db.commit()

	try:
		retried(transaction)
	except Exception as error:
		frappe.db.rollback()
		if len(reports) == 1:
			report("callbacks", error)
		else:
			for one in reports:
				apply([one])


def to_json(log_name: str, news: StatusUpdate) -> str:
	return json.dumps([log_name, asdict(news) | {"at": (news.at or clock.now()).isoformat()}])


def from_json(text: bytes) -> Report:
	log_name, values = json.loads(text)
	return log_name, StatusUpdate(**values | {"at": datetime.fromisoformat(values["at"])})
