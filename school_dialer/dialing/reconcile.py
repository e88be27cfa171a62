"""Attempts whose end is not known: asked for at the carrier, adopted or released, never redialled blindly."""

from datetime import timedelta

import frappe

from school_dialer import clock
from school_dialer.carriers.base import Carrier, CarrierError, Placed
from school_dialer.dialing import attempts, progress, settings, states
from school_dialer.dialing.job import alone, forget_abandoned, job
from school_dialer.dialing.progress import News, apply, finish, move_log

ABANDONED = timedelta(seconds=90)
"""A claim, or a request being placed, this old has no living worker behind it."""
SILENT = timedelta(minutes=10)
"""A call without a final callback for this long is asked for."""
GIVE_UP = timedelta(hours=24)
"""A call may wait this long in the carrier's queue."""
SKEW = timedelta(minutes=5)
"""The carrier's clock may differ from ours by this much. Too narrow, and a call that was placed is not found and is made again;
what earlier logs own is left out in any case. The simulated carrier keeps the site's clock, set or not."""
MOST = 200


TICK = "scheduled_job::school_dialer.dialing.scheduler.tick"
"""The id that Frappe gives to the other job of the scheduler."""


@job
def run() -> None:
	"""Job of the scheduler: settle what killed workers, lost answers and lost callbacks left open. One at a time."""
	forget_abandoned(TICK)
	with alone("reconcile") as mine:
		if mine:
			settle()


def settle() -> None:
	release_abandoned_claims()
	mark_lost()
	frappe.db.commit()
	unsettled = unsettled_logs()
	if not unsettled:
		return
	carrier = settings.carrier()
	for log in unsettled:
		try:
			reconcile(carrier, log)
		except CarrierError as error:
			frappe.db.rollback()
			frappe.logger("school_dialer").warning("call log %s is not reconciled: %s", log.name, error)
			continue
		progress.commit()


def release_abandoned_claims() -> None:
	"""Claimed by a worker that died before it wrote the call log: nothing was asked of the carrier."""
	before = clock.to_db(clock.now() - ABANDONED)
	frappe.db.sql(
		"""update `tabDialer Recipient` recipient
		join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		left join `tabDialer Call Log` log on log.name = recipient.last_call_log and log.status_rank < %(final)s
		set recipient.status = if(campaign.status in %(ended)s, 'Cancelled', 'Pending'), recipient.claim = null
		where recipient.status = 'Dialing' and recipient.claimed_at < %(before)s and log.name is null""",
		{"final": states.FINAL_RANK, "before": before, "ended": states.ENDED},
	)


def mark_lost() -> None:
	"""Logged, and then no answer was recorded: the worker died between the POST and its commit, or before the POST."""
	before = clock.to_db(clock.now() - ABANDONED)
	frappe.db.sql(
		"""update `tabDialer Call Log` log
		left join `tabDialer Recipient` recipient on recipient.last_call_log = log.name
		set log.status = %(lost)s, log.status_rank = %(lost_rank)s, recipient.status = 'Unknown'
		where log.status_rank = %(placing_rank)s and log.status = %(placing)s and log.placed_at < %(before)s""",
		{
			"lost": states.LOST,
			"lost_rank": states.rank(states.LOST),
			"placing": states.PLACING,
			"placing_rank": states.rank(states.PLACING),
			"before": before,
		},
	)


def unsettled_logs() -> list:
	log = frappe.qb.DocType("Dialer Call Log")
	silent = clock.to_db(clock.now() - SILENT)
	return (
		frappe.qb.from_(log)
		.select(
			log.name,
			log.campaign,
			log.recipient,
			log.status,
			log.channel,
			log.phone,
			log.sender,
			log.placed_at,
			log.carrier_sid,
		)
		.where(log.direction == "Outbound")
		.where(
			(log.status_rank == states.rank(states.LOST))
			| (
				(log.status_rank > states.rank(states.LOST))
				& (log.status_rank < states.FINAL_RANK)
				& (log.placed_at < silent)
			)
		)
		.orderby(log.placed_at)
		.limit(MOST)
		.run(as_dict=True)
	)


def reconcile(carrier: Carrier, log) -> None:
	"""Adopt what the carrier has for this log; release the recipient when it has nothing."""
	since = clock.from_db(log.placed_at) - SKEW
	found = list(carrier.placed_to(log.channel, log.phone, log.sender, since))
	known = set(
		frappe.get_all(
			"Dialer Call Log",
			{"carrier_sid": ("in", [one.sid for one in found]), "name": ("!=", log.name)},
			pluck="carrier_sid",
			order_by="name",
		)
		if found
		else ()
	)
	mine = [one for one in found if one.sid == log.carrier_sid] or [
		one for one in found if one.sid not in known
	]
	if mine:
		adopt(log, mine[-1])
	elif log.status == states.LOST:
		attempts.not_sent([log.name], "Never reached the carrier")
		put_back(log)
	elif clock.from_db(log.placed_at) < clock.now() - GIVE_UP:
		move_log(log.name, News("failed", error_message="The carrier no longer knows this call"))
		finish(log.recipient, log.name, states.NOT_REACHED, "no word from the carrier")
		progress.settled_campaigns().add(log.campaign)


def adopt(log, one: Placed) -> None:
	apply(log.name, News(one.status, sid=one.sid))
	if log.channel == "Text" and one.status == "sent":
		# Many networks never report a delivery. Sent is all that will be known, and the campaign has to end.
		finish(log.recipient, log.name, states.REACHED, "sent, no delivery report")
		progress.settled_campaigns().add(log.campaign)


def put_back(log) -> None:
	"""Due again at once, unless the campaign was cancelled meanwhile."""
	frappe.db.sql(
		"""update `tabDialer Recipient` recipient join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		set recipient.status = if(campaign.status in %(ended)s, 'Cancelled', 'Pending')
		where recipient.name = %(name)s and recipient.status = 'Unknown'""",
		{"ended": states.ENDED, "name": log.recipient},
	)
