"""Attempts that do not count, because nothing was sent, delivered, or known: the recipient waits again."""

import frappe

from school_dialer.base import clock, states
from school_dialer.base.database.transactions import changed
from school_dialer.outbound.attempts import claims


def withdraw_unsent(requests: list) -> None:
	"""Withdraw requests that were logged but not sent. The logs show it, and the attempts do not count."""
	if not requests:
		return
	mark_not_sent([request.log for request in requests], "Not sent")
	claims.release([request.row for request in requests])


def mark_not_sent(logs: list[str], why: str, code: int | None = None) -> None:
	"""Mark logs as not placed: nothing reached the carrier, or it refused them with this code.

	Logs on which the carrier has reported since are left alone. The attempt does not count: its unique key is
	free again, and a recipient that was Unknown waits again. Idempotent: an attempt whose key is free is not
	taken off twice.
	"""
	if not logs:
		return
	frappe.db.sql(
		"""update `tabDialer Call Log` log
		left join `tabDialer Recipient` recipient on recipient.last_call_log = log.name
			and log.attempt_key is not null
		left join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		set log.status = %(refused)s, log.status_rank = %(refused_rank)s, log.attempt_key = null,
			log.error_message = %(why)s, log.error_code = %(code)s,
			recipient.attempts = recipient.attempts - 1,
			recipient.status = if(recipient.status = 'Unknown',
				if(campaign.status in %(ended)s, 'Cancelled', 'Pending'), recipient.status)
		where log.name in %(logs)s and log.status_rank <= %(lost)s""",
		{
			"refused": states.REFUSED,
			"refused_rank": states.rank(states.REFUSED),
			"lost": states.rank(states.LOST),
			"why": why[:140],
			"code": str(code) if code else None,
			"ended": states.ENDED,
			"logs": tuple(logs),
		},
	)


def call_once_more(logs: list[str]) -> bool:
	"""Return recipients of an emergency to waiting, whose call or text may have been made already.

	The carrier cannot be asked, and this has happened to the recipient for the first time. The logs stay as
	they are: what the carrier reports later is written on them. The attempt does not count. Returns whether
	anyone is called again.
	"""
	if not logs:
		return False
	frappe.db.sql(
		"""update `tabDialer Recipient` recipient
		join `tabDialer Call Log` log on log.name = recipient.last_call_log
		join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		set log.attempt_key = null, recipient.attempts = greatest(recipient.attempts - 1, 0),
			recipient.status = 'Pending', recipient.told_again = 1, recipient.claim = null,
			recipient.not_before = %(now)s
		where log.name in %(logs)s and log.status_rank = %(lost)s and recipient.status = 'Unknown'
		and recipient.told_again = 0 and campaign.purpose = 'Emergency' and campaign.status = 'Running'""",
		{"logs": tuple(logs), "lost": states.rank(states.LOST), "now": clock.db_now()},
	)
	return changed() > 0


def mark_called_again(logs: list[str]) -> None:
	"""Note that the recipients of these logs, which were lost and then freed, are called once more."""
	if logs:
		frappe.db.sql(
			"""update `tabDialer Recipient` set told_again = 1
			where last_call_log in %s and status in %s""",
			(tuple(logs), states.WAITING),
		)


def return_to_waiting(logs: list[str], why: str, seconds: int, urgent_seconds: int = 0) -> None:
	"""Return recipients to waiting whose call or text the carrier accepted but did not deliver.

	For faults that are not the recipient's. The recipient is due again after `seconds` (in an emergency after
	`urgent_seconds`), and the attempt does not count. Idempotent.
	"""
	frappe.db.sql(
		"""update `tabDialer Call Log` log
		join `tabDialer Recipient` recipient on recipient.last_call_log = log.name
		join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		set log.attempt_key = null, recipient.attempts = greatest(recipient.attempts - 1, 0),
			recipient.status = if(campaign.status in %(ended)s, 'Cancelled', 'Pending'),
			recipient.outcome = %(why)s, recipient.claim = null,
			recipient.not_before = if(campaign.purpose = 'Emergency', %(urgent)s, %(due)s)
		where log.name in %(logs)s and log.attempt_key is not null
		and recipient.status in %(under_way)s""",
		{
			"logs": tuple(logs),
			"ended": states.ENDED,
			"why": why[:140],
			"urgent": claims.after(urgent_seconds),
			"due": claims.after(seconds),
			"under_way": (states.DIALING, states.UNKNOWN),
		},
	)
