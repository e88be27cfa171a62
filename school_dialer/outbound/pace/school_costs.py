"""What the calls and texts of each school cost, in the currency of Dialer Settings.

A call counts in the school of its call log. The carrier's price counts where it has reported one, and the
school's own rates otherwise. A call that has not ended counts as one of its campaign's usual calls.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import frappe
from frappe.utils import flt

from school_dialer.base import clock, states
from school_dialer.campaigns import estimate
from school_dialer.settings import carrier_accounts

KEY = "school_dialer_costs"
KEPT_SECONDS = 60
FREE = (states.REFUSED, "canceled")
COSTS = """select ifnull(school, '') school, ifnull(campaign, '') campaign, channel,
		ifnull(carrier_account, '') account,
		status_rank >= %(final)s ended, count(*) count,
		sum(abs(ifnull(cast(nullif(price, '') as decimal(12, 5)), 0))
			+ abs(ifnull(cast(nullif(transfer_price, '') as decimal(12, 5)), 0))) billed,
		sum(if(nullif(price, '') is null and channel = 'Voice', ceil(ifnull(duration, 0) / 60), 0)
			+ if(nullif(transfer_price, '') is null, ceil(ifnull(transfer_seconds, 0) / 60), 0)) minutes,
		sum(nullif(price, '') is null and channel = 'Text') texts
	from `tabDialer Call Log`
	where placed_at >= %(begin)s and placed_at < %(before)s and direction = 'Outbound'
		and status not in %(free)s """
OF_SCHOOLS = " and school in %(schools)s"
BY_SCHOOL = " group by 1, 2, 3, 4, 5"


@dataclass(frozen=True, slots=True)
class Cost:
	"""Money for what has ended (`used`), and held back for what has not (`reserved`)."""

	used: float = 0.0
	reserved: float = 0.0

	def __add__(self, other: "Cost") -> "Cost":
		return Cost(self.used + other.used, self.reserved + other.reserved)

	@property
	def total(self) -> float:
		return self.used + self.reserved


def month_of(at: datetime) -> datetime:
	"""Return when the calendar month of this time began. Both are naive, in the site's time zone."""
	return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def after(at: datetime) -> datetime:
	"""Return when the calendar month after this time's begins."""
	return month_of(month_of(at) + timedelta(days=32))


def next_month() -> datetime:
	"""Return when the next calendar month begins (naive, site time zone)."""
	return after(clock.db_now())


def this_month(schools: Collection[str]) -> dict[str, Cost]:
	"""Return what each of these schools has spent this calendar month, in one query.

	What was placed before this hour is counted again once a minute.
	"""
	now = clock.db_now()
	hour = now.replace(minute=0, second=0, microsecond=0)
	older = placed_before(hour, frozenset(schools))
	latest = between(hour, next_month(), schools)
	return {school: older.get(school, Cost()) + latest.get(school, Cost()) for school in schools}


def placed_before(hour: datetime, schools: frozenset[str]) -> dict[str, Cost]:
	begin = month_of(hour)
	if begin == hour:
		return {}
	key = f"{KEY}|{hour}|{'|'.join(sorted(schools))}"
	kept = frappe.cache().get_value(key, expires=True)
	if kept is None:
		costs = between(begin, hour, schools)
		kept = {school: (cost.used, cost.reserved) for school, cost in costs.items()}
		frappe.cache().set_value(key, kept, expires_in_sec=KEPT_SECONDS)
	return {school: Cost(*values) for school, values in kept.items()}


def forget() -> None:
	frappe.cache().delete_keys(KEY)


def between(begin: datetime, before: datetime, schools: Collection[str] | None = None) -> dict[str, Cost]:
	"""Return the cost by school of calls and texts placed in this span (naive, site time zone).

	With `schools` only theirs; without, all, and "" is the district's own.
	"""
	if schools is not None and not schools:
		return {}
	return add_up(read_costs(begin, before, schools))


def read_costs(
	begin: datetime, before: datetime, schools: Collection[str] | None = None, more: str = "", **values
) -> list[frappe._dict]:
	"""Return the rows of `COSTS`. `more` is a further condition with its `values`."""
	return frappe.db.sql(
		COSTS + (OF_SCHOOLS if schools is not None else "") + more + BY_SCHOOL,
		{
			"begin": begin,
			"before": before,
			"schools": tuple(schools or ()),
			"final": states.FINAL_RANK,
			"free": FREE,
			**values,
		},
		as_dict=True,
	)


def add_up(rows: Collection[frappe._dict]) -> dict[str, Cost]:
	minutes = {row.account: minute_price(row.account) for row in rows}
	priced = {(row.campaign, row.channel, row.account) for row in rows if row.texts or not row.ended}
	each = {key: price_of(*key) for key in sorted(priced)}
	costs: dict[str, Cost] = defaultdict(Cost)
	for row in rows:
		if row.ended:
			texts = flt(row.texts) * each.get((row.campaign, row.channel, row.account), 0.0)
			spent = flt(row.billed) + flt(row.minutes) * minutes[row.account] + texts
			costs[row.school] += Cost(used=spent)
		else:
			costs[row.school] += Cost(reserved=row.count * each[row.campaign, row.channel, row.account])
	return costs


def minute_price(account: str) -> float:
	"""Return what this account's carrier bills for each started minute, the first one's for none."""
	return (carrier_accounts.by_id(account) or carrier_accounts.first()).price_per_minute


def price_of(campaign: str, channel: str, account: str = "") -> float:
	"""Return the price of one call or text of this campaign by the rates of an account; of any, for none."""
	prices = carrier_accounts.by_id(account) or carrier_accounts.first()
	if campaign and (doc := read_campaign(campaign)):
		same = doc if doc.channel == channel else estimate.other(doc, channel)
		unit = estimate.unit_while_calling(same)
		if account and not prices.is_first:
			rate = prices.price_per_segment if channel == "Text" else prices.price_per_minute
			return (unit.segments if channel == "Text" else unit.minutes) * rate
		return unit.price
	return flt(prices.price_per_segment if channel == "Text" else prices.price_per_minute)


def read_campaign(name: str):
	return (
		frappe.get_cached_doc("Dialer Campaign", name) if frappe.db.exists("Dialer Campaign", name) else None
	)
