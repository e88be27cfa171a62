"""Results of each campaign.

How many people were reached, how many were not called, and how many opted out meanwhile.
"""

from collections import Counter

import frappe
from frappe import _

from school_dialer.base import states
from school_dialer.reporting import campaigns
from school_dialer.reporting.table import above, charted, column, figure, labels, percent, period

DAYS = 30


def execute(filters: dict | None = None) -> tuple[list, list, str | None, dict | None, list]:
	filters = frappe._dict(filters or {})
	begin, before = period(filters, DAYS)
	chosen = {
		"name": filters.campaign,
		"purpose": filters.purpose,
		"channel": filters.channel,
		"status": filters.status,
	}
	began = campaigns.started(begin, before, chosen)
	names = [campaign.name for campaign in began]
	counts, attempts = campaigns.by_status(names), campaigns.attempts(names)
	stops = campaigns.stops(names, begin)
	rows = [
		as_row(campaign, counts[campaign.name], attempts.get(campaign.name, 0), stops.get(campaign.name, 0))
		for campaign in began
	]
	corrected = campaigns.corrected_by(names)
	for row in rows:
		row["corrected_by"] = corrected.get(row["campaign"])
	empty = _("No campaign started in these days. Choose an earlier first day, or clear a filter.")
	return columns(), rows, above(rows, empty), chart(rows), summary(rows, campaigns.all_stops(names, begin))


def columns() -> list[dict]:
	return [
		column("campaign", _("Campaign"), "Link", 150, options="Dialer Campaign"),
		column("title", _("Title"), "Data", 220),
		column("purpose", _("Purpose"), "Data", 100),
		column("channel", _("Channel"), "Data", 80),
		column("status", _("Status"), "Data", 110),
		column("started_at", _("Started"), "Datetime", 180),
		column("people", _("People"), "Int", 100),
		column("reached", _("Reached"), "Int", 90),
		column("share", _("Reached %"), "Percent", 100, disable_total=1),
		column("not_reached", _("Not reached"), "Int", 110),
		column("blocked", _("Blocked"), "Int", 90),
		column("waiting", _("Waiting"), "Int", 90),
		column("cancelled", _("Cancelled"), "Int", 90),
		column("unknown", _("Unknown"), "Int", 90),
		column("attempts", _("Calls and texts"), "Int", 120),
		column("opt_outs", _("Opt-outs during it"), "Int", 140),
		column("corrects", _("Corrects"), "Link", 120, options="Dialer Campaign"),
		column("corrected_by", _("Corrected by"), "Data", 200),
	]


def as_row(campaign: frappe._dict, counts: Counter, attempts: int, opt_outs: int) -> dict:
	people = counts.total()
	return {
		"campaign": campaign.name,
		"title": campaign.title,
		"purpose": _(campaign.purpose),
		"channel": _(campaign.channel),
		"status": _(campaign.status),
		"started_at": campaign.started_at,
		"people": people,
		"reached": counts[states.REACHED],
		"share": percent(counts[states.REACHED], people - counts[states.BLOCKED]),
		"not_reached": counts[states.NOT_REACHED],
		"blocked": counts[states.BLOCKED],
		"waiting": sum(counts[state] for state in (*states.WAITING, states.DIALING)),
		"cancelled": counts["Cancelled"],
		"unknown": counts[states.UNKNOWN],
		"attempts": attempts,
		"opt_outs": opt_outs,
		"corrects": campaign.corrects,
	}


def chart(rows: list[dict]) -> dict | None:
	"""Return a chart of the latest campaigns, newest last."""
	if not rows:
		return None
	shown = charted(rows, (row["title"] for row in rows))[::-1]
	kinds = {
		"reached": _("Reached"),
		"not_reached": _("Not reached"),
		"blocked": _("Blocked"),
		"waiting": _("Waiting"),
	}
	return {
		"type": "bar",
		"barOptions": {"stacked": True},
		"colors": ["green", "orange", "red", "grey"],
		"data": {
			"labels": labels(row["title"] for row in shown),
			"datasets": [
				{"name": label, "values": [row[kind] for row in shown]} for kind, label in kinds.items()
			],
		},
	}


def summary(rows: list[dict], opt_outs: int) -> list[dict]:
	people, reached, blocked = (sum(row[name] for row in rows) for name in ("people", "reached", "blocked"))
	return [
		figure(_("Campaigns"), len(rows)),
		figure(_("People"), people),
		figure(_("Reached"), reached, "Green"),
		figure(
			_("Reached %, of those who may be called"),
			percent(reached, people - blocked) or 0,
			"Green",
			"Percent",
		),
		figure(_("Blocked"), blocked, "Red"),
		figure(_("Opt-outs during it"), opt_outs, "Orange"),
	]
