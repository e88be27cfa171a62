"""Limits on calls at once and on money: how many recipients a campaign may still claim.

A call counts at its full price from the moment its recipient is claimed until it has ended, so that calls in
progress cannot exceed the limit together, in however many lanes and threads they are made. Prices are the
school's own figures in Dialer Settings. The carrier bills each started minute and each segment.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import frappe
from frappe import _
from frappe.utils import flt

from school_dialer.base import states
from school_dialer.base.jobs import alone
from school_dialer.campaigns import estimate
from school_dialer.outbound.pace import school_costs, school_limits
from school_dialer.outbound.pace.school_limits import Allowance
from school_dialer.settings import carrier_accounts, carrier_settings

OPEN = tuple(status for status, rank in states.RANK.items() if rank < states.FINAL_RANK)
NOT_BILLED = (states.REFUSED, "canceled")
CALLS = """select status, channel, count(*), sum(ceil(duration / 60))
	from `tabDialer Call Log` force index (dialer_attempts)
	where campaign = %s group by status, channel"""
CALLS_BY_ACCOUNT = """select ifnull(carrier_account, ''), status, channel, count(*), sum(ceil(duration / 60))
	from `tabDialer Call Log` force index (dialer_attempts)
	where campaign = %s group by 1, 2, 3"""


CLAIMED = """select recipient.channel, count(*) from `tabDialer Recipient` recipient
	left join `tabDialer Call Log` log on log.name = recipient.last_call_log and log.status_rank < %(final)s
	where recipient.campaign = %(campaign)s and recipient.status = 'Dialing' and log.name is null
	group by recipient.channel"""


@contextmanager
def exclusive_claim(campaign) -> Iterator[bool]:
	"""Yield whether this thread may claim rows of the campaign now.

	If the campaign has limits, threads and lanes claim one after the other, so that each counts what the one
	before has claimed. A claim that is under way ends within milliseconds: this thread soon looks again.
	"""
	if not (campaign.most_at_once or campaign.spend_limit):
		yield True
		return
	with alone(f"claim-{campaign.name}") as mine:
		yield mine


def allowance(campaign, most: int) -> Allowance:
	"""Return how many recipients may be claimed now, up to `most`.

	Changes nothing. A school's row (`school_limits`) may stay locked until the caller commits its claim.
	"""
	claimed = claimed_now(campaign) if campaign.most_at_once or campaign.spend_limit else {}
	if campaign.channel == "Voice" and campaign.most_at_once:
		most = min(most, campaign.most_at_once - open_calls(campaign.name) - claimed.get("Voice", 0))
	if campaign.spend_limit and most > 0:
		price = price_of_one(campaign, campaign.channel)
		used, reserved = spent(campaign, price)
		reserved += sum(count * price_of_one(campaign, channel) for channel, count in claimed.items())
		affordable = (
			most if not price else math.floor((campaign.spend_limit - used - reserved) / price + 1e-9)
		)
		if affordable <= 0 and not reserved:
			return Allowance(0, spent_message(campaign, used))
		most = min(most, affordable)
	return school_limits.allowance(campaign, most) if most > 0 else Allowance(0)


def claimed_now(campaign) -> dict[str, int]:
	"""Return how many recipients are claimed and have no open call log, by channel."""
	return dict(frappe.db.sql(CLAIMED, {"campaign": campaign.name, "final": states.FINAL_RANK}))


def price_of_one(campaign, channel: str) -> float:
	same = campaign if channel == campaign.channel else estimate.other(campaign, channel)
	return estimate.unit_while_calling(same).price


def open_calls(campaign: str) -> int:
	"""Return how many phones the campaign makes ring now. Its texts take up no line."""
	calls = {"campaign": campaign, "status": ("in", OPEN), "channel": "Voice"}
	return frappe.db.count("Dialer Call Log", calls)


def spent(campaign, price: float) -> tuple[float, float]:
	"""Return (spent, reserved): money for what has ended, and what is held back for what has not.

	In the currency of Dialer Settings. `price` is that of one call or text on the campaign's own channel, at
	the first carrier account. What went through another account counts at that one's prices.
	"""
	if not carrier_accounts.several():
		return cost(campaign, price, frappe.db.sql(CALLS, campaign.name))
	calls: dict[str, list] = defaultdict(list)
	for account, *row in frappe.db.sql(CALLS_BY_ACCOUNT, campaign.name):
		calls[account].append(row)
	used, reserved = 0.0, 0.0
	for account, rows in calls.items():
		registered = carrier_accounts.by_id(account)
		elsewhere = registered and not registered.is_first
		price_of_account = (
			school_costs.price_of(campaign.name, campaign.channel, account) if elsewhere else price
		)
		more, held = cost(campaign, price_of_account, rows, school_costs.minute_price(account))
		used, reserved = used + more, reserved + held
	return used, reserved


def cost(
	campaign, price: float, calls: Iterable[tuple[str, str, int, float]], minute: float | None = None
) -> tuple[float, float]:
	"""Return the same as `spent` for these calls: (status, channel, count, billed minutes).

	`minute` is the price of each started minute, by default the first account's.
	"""
	minute = flt(carrier_settings.settings().price_per_minute) if minute is None else minute
	used, reserved = 0.0, 0.0
	for status, channel, count, minutes in calls:
		each = price if channel == campaign.channel else price_of_one(campaign, channel)
		if status in OPEN:
			reserved += count * each
		elif channel == "Text" and status not in NOT_BILLED:
			used += count * each
		elif channel == "Voice" and status == "completed":
			used += flt(minutes) * minute
	return used, reserved


def spent_message(campaign, used: float) -> str:
	currency = carrier_settings.settings().currency
	return _(
		"The spend limit of {0} is used up: {1} so far. No one else was called. Raise it, then press Resume."
	).format(
		frappe.utils.fmt_money(campaign.spend_limit, currency=currency),
		frappe.utils.fmt_money(used, currency=currency),
	)
