"""The cost of calls and texts, by campaign, month, channel, purpose or carrier account.

Uses the carrier's price where it has reported one, or else the school's own rates in Dialer Settings: per
started minute, per segment.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

import frappe
from frappe import _
from frappe.utils import flt

from school_dialer.base import states
from school_dialer.base.refusal import throw
from school_dialer.outbound.pace import limits, school_costs
from school_dialer.reporting.table import above, charted, column, figure, labels, percent, period
from school_dialer.schools import rows as school_rows
from school_dialer.settings import carrier_accounts, carrier_settings

DAYS = 90
BY = ("Campaign", "Month", "Channel", "Purpose", "Carrier Account")


@dataclass
class Cost:
	"""Sums for one group.

	``billed`` is the carrier's own price, ``estimated`` this app's estimate where the carrier reported none.
	"""

	calls: int = 0
	texts: int = 0
	minutes: int = 0
	reached: int = 0
	billed: float = 0.0
	estimated: float = 0.0
	label: str = field(default="", compare=False)

	@property
	def total(self) -> float:
		return self.billed + self.estimated


def execute(filters: dict | None = None) -> tuple[list, list, str | None, dict | None, list]:
	filters = frappe._dict(filters or {})
	by = filters.by or "Campaign"
	if by not in BY:
		throw(_("Choose one of: {0}.").format(", ".join(map(_, BY))))
	sums = add_up(read(*period(filters, DAYS), filters), by)
	currency = carrier_settings.settings().currency or "USD"
	rows = [as_row(key, cost, by, currency) for key, cost in sums.items()]
	rows.sort(key=lambda row: row["group"] or "", reverse=by == "Month")
	if by != "Month":
		rows.sort(key=lambda row: -row["total"])
	empty = _("No call or text ended in these days. Choose an earlier first day, or clear a filter.")
	return columns(by), rows, above(rows, empty), chart(rows), summary(rows, currency)


def read(begin: datetime, before: datetime, filters: dict) -> list[frappe._dict]:
	"""Return billed calls and texts that have ended, summed by campaign, purpose, channel and month.

	A call to the office that a call was connected with is part of it.
	"""
	conditions = "".join(
		f" and {name} = %({name})s" for name in ("campaign", "channel", "purpose") if filters.get(name)
	)
	return frappe.db.sql(
		"""select ifnull(campaign, '') campaign, ifnull(purpose, '') purpose, channel,
			date_format(placed_at, '%%Y-%%m') month, ifnull(carrier_account, '') account, count(*) count,
			sum(if(channel = 'Voice', ceil(ifnull(duration, 0) / 60), 0)
				+ ceil(ifnull(transfer_seconds, 0) / 60)) minutes,
			sum(status in %(reached)s) reached,
			sum(abs(ifnull(cast(nullif(price, '') as decimal(12, 5)), 0))
				+ abs(ifnull(cast(nullif(transfer_price, '') as decimal(12, 5)), 0))) billed,
			sum(if(nullif(price, '') is null and channel = 'Voice', ceil(ifnull(duration, 0) / 60), 0)
				+ if(nullif(transfer_price, '') is null, ceil(ifnull(transfer_seconds, 0) / 60),
				0)) unbilled_minutes,
			sum(nullif(price, '') is null and channel = 'Text') unbilled_texts
		from `tabDialer Call Log`
		where status_rank in %(final)s and placed_at >= %(begin)s and placed_at < %(before)s
			and direction = 'Outbound' and status not in %(free)s"""
		+ conditions
		+ school_rows.narrowing("Dialer Call Log")
		+ " group by 1, 2, 3, 4, 5",
		{
			**filters,
			"final": states.FINAL_RANKS,
			"reached": ("completed", states.UNREPORTED, *states.RECEIVED),
			"begin": begin,
			"before": before,
			"free": limits.NOT_BILLED,
		},
		as_dict=True,
	)


def add_up(rows: list[frappe._dict], by: str) -> dict[str, Cost]:
	titles = {account.id: account.title for account in carrier_accounts.accounts()}
	unbilled: dict[str, set[str]] = defaultdict(set)
	for row in rows:
		if row.unbilled_texts:
			unbilled[row.account].add(row.campaign)
	segments = {row.account: {} for row in rows} | {
		account: segments_of(names, account) for account, names in unbilled.items()
	}
	sums: dict[str, Cost] = defaultdict(Cost)
	for row in rows:
		prices = carrier_accounts.by_id(row.account) or carrier_accounts.first()
		row["carrier account"] = titles.get(row.account or prices.id, row.account)
		cost = sums[row[by.lower()]]
		cost.calls += row.count if row.channel == "Voice" else 0
		cost.texts += row.count if row.channel == "Text" else 0
		cost.minutes += int(row.minutes or 0)
		cost.reached += int(row.reached or 0)
		cost.billed += flt(row.billed)
		cost.estimated += flt(row.unbilled_minutes) * prices.price_per_minute
		cost.estimated += flt(row.unbilled_texts) * segments[row.account].get(
			row.campaign, prices.price_per_segment
		)
	return sums


def segments_of(names: set[str], account: str = "") -> dict[str, float]:
	"""Return campaign -> price of one of its texts by the rates of an account."""
	return {
		name: school_costs.price_of(name, frappe.db.get_value("Dialer Campaign", name, "channel"), account)
		for name in sorted(names)
		if name and frappe.db.exists("Dialer Campaign", name)
	}


def columns(by: str) -> list[dict]:
	group = column("group", _(by), "Data", 120)
	if by == "Campaign":
		group = column("group", _(by), "Link", 150, options="Dialer Campaign")
	money = {"options": "currency"}
	return [
		group,
		*([column("title", _("Title"), "Data", 260)] if by == "Campaign" else []),
		column("calls", _("Calls"), "Int", 90),
		column("minutes", _("Billed minutes"), "Int", 160),
		column("texts", _("Texts"), "Int", 90),
		column("billed", _("Carrier's price"), "Currency", 160, **money),
		column("estimated", _("Estimated"), "Currency", 130, **money),
		column("total", _("Total"), "Currency", 130, **money),
		column("each", _("For each that arrived"), "Currency", 180, disable_total=1, **money),
		column("currency", _("Currency"), "Data", 80, hidden=1),
	]


def as_row(key: str, cost: Cost, by: str, currency: str) -> dict:
	row = {
		"group": (_(key) if by in ("Channel", "Purpose") else key) or None,
		"calls": cost.calls,
		"texts": cost.texts,
		"minutes": cost.minutes,
		"reached": cost.reached,
		"billed": cost.billed,
		"estimated": cost.estimated,
		"total": cost.total,
		"each": cost.total / cost.reached if cost.reached else None,
		"currency": currency,
	}
	if by == "Campaign":
		row["title"] = (
			frappe.db.get_value("Dialer Campaign", key, "title", cache=True)
			if key
			else _("Answers to people, and tests")
		)
	return row


def name_of(row: dict) -> str:
	return row.get("title") or row["group"] or _("None")


def chart(rows: list[dict]) -> dict | None:
	if not rows:
		return None
	shown = charted(rows, map(name_of, rows))
	return {
		"type": "bar",
		"barOptions": {"stacked": True},
		"colors": ["blue", "light-blue"],
		"fieldtype": "Currency",
		"options": rows[0]["currency"],
		"data": {
			"labels": labels(map(name_of, shown)),
			"datasets": [
				{"name": _("Billed"), "values": [row["billed"] for row in shown]},
				{"name": _("Estimated"), "values": [row["estimated"] for row in shown]},
			],
		},
	}


def summary(rows: list[dict], currency: str) -> list[dict]:
	total, billed = sum(row["total"] for row in rows), sum(row["billed"] for row in rows)
	money = {"datatype": "Currency"}
	return [
		figure(_("Total"), total, **money) | {"currency": currency},
		figure(_("Calls"), sum(row["calls"] for row in rows)),
		figure(_("Texts"), sum(row["texts"] for row in rows)),
		figure(_("Of it reported by the carrier"), percent(billed, total) or 0, datatype="Percent"),
	]
