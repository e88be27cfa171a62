"""Why people were not called, in plain words, with what to do about it.

Each person counts once, under the main reason.
"""

from collections import Counter, defaultdict

import frappe
from frappe import _

from school_dialer.reporting import campaigns, reasons
from school_dialer.reporting.table import above, charted, column, figure, labels, percent, period

DAYS = 30


def execute(filters: dict | None = None) -> tuple[list, list, str | None, dict | None, list, int]:
	filters = frappe._dict(filters or {})
	chosen = {"name": filters.campaign, "purpose": filters.purpose, "channel": filters.channel}
	started = campaigns.started(*period(filters, DAYS), chosen)
	blocked = campaigns.blocked([campaign.name for campaign in started])
	rows = rows_of(blocked)
	empty = _("No campaign of these days left anyone out. Choose an earlier first day, or clear a filter.")
	return columns(), rows, above(rows, empty), chart(rows), summary(blocked, len(started)), 1


def columns() -> list[dict]:
	return [
		column("reason", _("Reason"), "Data", 280),
		column("people", _("People"), "Int", 90),
		column("share", _("Share", context="Part of all"), "Percent", 90),
		column("also", _("For others as well"), "Int", 150),
		column("campaigns", _("Campaigns"), "Int", 100),
		column("remedy", _("What to do"), "Data", 420),
		column("code", _("Code"), "Data", 190),
	]


def rows_of(blocked: dict[str, Counter]) -> list[dict]:
	main: Counter = Counter()
	also: Counter = Counter()
	places: dict[str, set] = defaultdict(set)
	for campaign, counts in blocked.items():
		for text, count in counts.items():
			first, *others = reasons.blocking(text) or [""]
			main[first] += count
			also.update(dict.fromkeys(others, count))
			for code in (first, *others):
				places[code].add(campaign)
	rows = []
	for code in sorted(places, key=lambda code: (-main[code], -also[code], code)):
		reason, remedy = reasons.reason_words(code)
		rows.append(
			{
				"reason": reason or _("No reason is recorded"),
				"people": main[code],
				"share": percent(main[code], main.total()),
				"also": also[code],
				"campaigns": len(places[code]),
				"remedy": remedy,
				"code": code,
			}
		)
	return rows


def chart(rows: list[dict]) -> dict | None:
	if not rows:
		return None
	shown = charted(rows, (row["reason"] for row in rows))
	return {
		"type": "bar",
		"colors": ["red"],
		"data": {
			"labels": labels(row["reason"] for row in shown),
			"datasets": [{"name": _("People"), "values": [row["people"] for row in shown]}],
		},
	}


def summary(blocked: dict[str, Counter], count: int) -> list[dict]:
	return [
		figure(_("Blocked people"), sum(counts.total() for counts in blocked.values()), "Red"),
		figure(_("Campaigns"), count),
	]
