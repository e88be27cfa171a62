"""What the carrier tells, applied once and forwards only.

Every callback is one conditional UPDATE of its call log: a status of lower or equal rank changes nothing, so five copies in any
order leave the same row. The recipient follows the log that is its latest.
"""

from dataclasses import dataclass, field
from datetime import datetime

import frappe
from frappe import _

from school_dialer import clock
from school_dialer.dialing import retries, states
from school_dialer.dialing.call_order import NOT_ACKNOWLEDGED, WITHDRAWN, outcome
from school_dialer.dialing.campaign import complete_if_done


@dataclass(frozen=True, slots=True)
class News:
	"""One report on a call log. Empty values are unknown, not cleared."""

	status: str
	sid: str | None = None
	answered_by: str | None = None
	duration: int | None = None
	error_code: str | None = None
	error_message: str | None = None
	price: str | None = None
	at: datetime | None = None
	extra: dict = field(default_factory=dict)


def apply(log_name: str, news: News) -> bool:
	"""Whether the log moved. An unknown log or status is no error: the carrier is told "received" all the same."""
	if news.status not in states.RANK:
		return False
	moved = move_log(log_name, news)
	if moved and states.is_final(news.status):
		settle(log_name)
	elif moved:
		found_again(log_name)
	return moved


def found_again(log_name: str) -> None:
	"""A call whose answer was lost turns out to be on its way: no longer Unknown."""
	recipient = frappe.qb.DocType("Dialer Recipient")
	(
		frappe.qb.update(recipient)
		.set(recipient.status, states.DIALING)
		.where((recipient.last_call_log == log_name) & (recipient.status == states.UNKNOWN))
		.run()
	)


def move_log(log_name: str, news: News) -> bool:
	log = frappe.qb.DocType("Dialer Call Log")
	at = clock.to_db(news.at or clock.now())
	values = {
		"status": news.status,
		"status_rank": states.rank(news.status),
		"carrier_sid": news.sid,
		"answered_by": news.answered_by,
		"duration": news.duration,
		"error_code": news.error_code,
		"error_message": news.error_message,
		"price": news.price,
		"answered_at": at if news.status == "in-progress" else None,
		"ended_at": at if states.is_final(news.status) else None,
		**news.extra,
	}
	query = frappe.qb.update(log).where((log.name == log_name) & (log.status_rank < states.rank(news.status)))
	for fieldname, value in values.items():
		if value not in (None, ""):
			query = query.set(log[fieldname], value)
	query.run()
	return frappe.db.sql("select row_count()")[0][0] > 0


def settle(log_name: str) -> None:
	"""The recipient's new state after its call ended: reached, called again, at another number perhaps, or given up."""
	attempt = read_attempt(log_name)
	if not attempt:
		return
	result = None
	if not attempt.acknowledged:
		result = outcome(
			attempt.channel, attempt.log_status, attempt.answered_by, acknowledged=not attempt.acknowledge
		)
	if result and attempt.campaign_status in states.ENDED:
		result = WITHDRAWN
	values = retries.after(attempt, result) if result else {"status": states.REACHED}
	finish(attempt.name, log_name, values.pop("status"), words_for(attempt, result), **values)
	settled_campaigns().add(attempt.campaign)


def read_attempt(log_name: str):
	"""The recipient of a log, with what the log says of the attempt and whether the campaign asks for a key."""
	rows = frappe.db.sql(
		"select recipient."
		+ ", recipient.".join(retries.READ)
		+ """, log.status log_status, log.answered_by, log.channel, log.error_code, log.acknowledged,
		campaign.acknowledge, campaign.status campaign_status
		from `tabDialer Call Log` log join `tabDialer Recipient` recipient on recipient.name = log.recipient
		join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		where log.name = %s""",
		log_name,
		as_dict=True,
	)
	return rows[0] if rows else None


def words_for(attempt, result: str | None) -> str:
	if attempt.log_status == states.REFUSED:
		return _("refused by the carrier ({0})").format(attempt.error_code)
	return result if result == NOT_ACKNOWLEDGED else attempt.answered_by or attempt.log_status


def settled_campaigns() -> set[str]:
	"""Campaigns in which this request or job ended a call."""
	if not hasattr(frappe.local, "dialer_settled"):
		frappe.local.dialer_settled = set()
	return frappe.local.dialer_settled


def commit() -> None:
	"""Commit, and then complete the campaigns whose last call this was.

	In this order: of two last calls that end at once, neither sees the other's end before it is committed.
	"""
	frappe.db.commit()
	for campaign in settled_campaigns():
		if complete_if_done(campaign):
			frappe.db.commit()
	settled_campaigns().clear()


def finish(recipient_name: str, log_name: str, state: str, outcome: str, **values) -> None:
	"""Only the latest attempt speaks for the recipient, and only while it is being made."""
	recipient = frappe.qb.DocType("Dialer Recipient")
	query = (
		frappe.qb.update(recipient)
		.set(recipient.status, state)
		.set(recipient.outcome, outcome)
		.set(recipient.claim, None)
		.where(recipient.name == recipient_name)
		.where(recipient.last_call_log == log_name)
		.where(recipient.status.isin((states.DIALING, states.UNKNOWN)))
	)
	for fieldname, value in values.items():
		query = query.set(recipient[fieldname], value)
	query.run()


def note_key(log_name: str, digits: str) -> None:
	"""Record a pressed key on the log and its recipient."""
	log = frappe.db.get_value("Dialer Call Log", log_name, ["keys_pressed", "recipient"], as_dict=True)
	keys = ((log.keys_pressed or "") + digits)[:140]
	frappe.db.set_value("Dialer Call Log", log_name, "keys_pressed", keys, update_modified=False)
	if log.recipient:
		frappe.db.set_value("Dialer Recipient", log.recipient, "keys_pressed", keys, update_modified=False)
