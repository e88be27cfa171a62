"""Limits on calls at once and on money: how many recipients a campaign may still claim.

A call counts at its full price from the moment it is placed until it has ended, so that calls in progress
cannot exceed the limit together. Prices are the school's own figures in Dialer Settings. The carrier bills
each started minute and each segment.
"""

import math
from collections import defaultdict
from collections.abc import Iterable

import frappe
from frappe import _
from frappe.utils import flt

from school_dialer import states
from school_dialer.campaigns import estimate
from school_dialer.campaigns.actions import pause
from school_dialer.pace import school_costs, school_limits
from school_dialer.settings import carrier_accounts, carrier_settings

OPEN = tuple(status for status, rank in states.RANK.items() if rank < states.FINAL_RANK)
NOT_BILLED = (states.REFUSED, "canceled")
CALLS = """select status, channel, count(*), sum(ceil(duration / 60))
	from `tabDialer Call Log` force index (dialer_attempts)
	where campaign = %s group by status, channel"""
CALLS_BY_ACCOUNT = """select ifnull(carrier_account, ''), status, channel, count(*), sum(ceil(duration / 60))
	from `tabDialer Call Log` force index (dialer_attempts)
	where campaign = %s group by 1, 2, 3"""


def claimable_now(campaign, most: int, claimed: int = 0) -> int:
	"""Return how many recipients may be claimed now, up to `most`, with those `claimed` and not placed yet.

	Pauses a campaign whose money is spent, or whose school's is (`school_limits`), and commits the pause. A
	school's row may stay locked until the caller commits its claim.
	"""
	if campaign.channel == "Voice" and campaign.most_at_once:
		most = min(most, campaign.most_at_once - open_calls(campaign.name))
	if campaign.spend_limit and most > 0:
		price = estimate.unit(campaign).price
		used, reserved = spent(campaign, price)
		affordable = (
			most if not price else math.floor((campaign.spend_limit - used - reserved) / price + 1e-9)
		)
		if affordable <= 0 and not reserved:
			pause(campaign.name, spent_message(campaign, used))
			frappe.db.commit()
		most = min(most, affordable)
	if most > 0:
		most = school_limits.claimable(campaign, most, claimed)
	return max(0, most)


def open_calls(campaign: str) -> int:
	return frappe.db.count("Dialer Call Log", {"campaign": campaign, "status": ("in", OPEN)})


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
		found = carrier_accounts.by_id(account)
		elsewhere = found and not found.is_first
		one = school_costs.price_of(campaign.name, campaign.channel, account) if elsewhere else price
		more, held = cost(campaign, one, rows, school_costs.minute_price(account))
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
		price_of_one = (
			price if channel == campaign.channel else estimate.unit(estimate.other(campaign, channel)).price
		)
		if status in OPEN:
			reserved += count * price_of_one
		elif channel == "Text" and status not in NOT_BILLED:
			used += count * price_of_one
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
