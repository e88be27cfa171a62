"""Which campaigns a report covers, and counts of their recipients, read from indexes only."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

import frappe

from school_dialer.base import states
from school_dialer.consent.replies.opt_out_timing import STOPS
from school_dialer.schools import rows as school_rows

MOST = 500
TOGETHER = 5
"""Campaigns per query: its work grows with their recipients."""


def started(begin: datetime, before: datetime, filters: dict) -> list[frappe._dict]:
	"""Return campaigns that started in this span (naive, site time zone), latest first.

	Returns at most MOST of them.
	"""
	chosen = {
		field: filters[field] for field in ("name", "purpose", "channel", "status") if filters.get(field)
	}
	conditions = "".join(f" and {field} = %({field})s" for field in chosen)
	return frappe.db.sql(
		"""select name, title, purpose, channel, status, started_at, ended_at, template,
			corrects
		from `tabDialer Campaign` where started_at >= %(begin)s and started_at < %(before)s"""
		+ conditions
		+ school_rows.narrowing("Dialer Campaign")
		+ " order by started_at desc, name desc limit %(most)s",
		{**chosen, "begin": begin, "before": before, "most": MOST},
		as_dict=True,
	)


def corrected_by(names: Iterable[str]) -> dict[str, str]:
	"""Return campaign -> the title of the correction that stands."""
	rows = frappe.get_all(
		"Dialer Campaign",
		{"corrects": ("in", [*names, ""]), "status": ("not in", (states.CANCELLED, states.FAILED))},
		["corrects", "title"],
		order_by="creation",
	)
	return {row.corrects: row.title for row in rows if row.corrects}


def together(names: Iterable[str]) -> Iterator[tuple[str, ...]]:
	names = list(names)
	for start in range(0, len(names), TOGETHER):
		yield tuple(names[start : start + TOGETHER])


def by_status(names: Iterable[str]) -> dict[str, Counter]:
	"""Return campaign -> recipients by status."""
	counts: dict[str, Counter] = defaultdict(Counter)
	for chunk in together(names):
		rows = frappe.db.sql(
			"""select campaign, status, count(*) from `tabDialer Recipient`
			where campaign in %s group by campaign, status""",
			(chunk,),
		)
		for campaign, status, count in rows:
			counts[campaign][status] = count
	return counts


def blocked(names: Iterable[str]) -> dict[str, Counter]:
	"""Return campaign -> blocked recipients by the text of their reasons."""
	counts: dict[str, Counter] = defaultdict(Counter)
	for chunk in together(names):
		rows = frappe.db.sql(
			"""select campaign, reasons, count(*) from `tabDialer Recipient` force index (dialer_states)
			where campaign in %s and status = %s group by campaign, reasons""",
			(chunk, states.BLOCKED),
		)
		for campaign, text, count in rows:
			counts[campaign][text or ""] += count
	return counts


def attempts(names: Iterable[str]) -> dict[str, int]:
	"""Return campaign -> calls and texts that reached the carrier, or may have."""
	counts: dict[str, int] = {}
	for chunk in together(names):
		counts |= dict(
			frappe.db.sql(
				"""select campaign, count(*) from `tabDialer Call Log`
				where campaign in %s and status != %s group by campaign""",
				(chunk, states.REFUSED),
			)
		)
	return counts


STOPPED = """from `tabConsent Event` event
	join `tabDialer Recipient` recipient on recipient.phone = event.phone
	join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
	where event.kind in %(stops)s and event.effective_at >= %(since)s and campaign.name in %(names)s
	and event.effective_at >= campaign.started_at
	and (campaign.ended_at is null or event.effective_at <= campaign.ended_at)"""


def stops(names: list[str], since: datetime) -> dict[str, int]:
	"""Return campaign -> opt-outs of its numbers that took effect between its start and its end.

	`since` is the earliest start.
	"""
	if not names:
		return {}
	return dict(
		frappe.db.sql(
			f"select recipient.campaign, count(distinct event.name) {STOPPED} group by recipient.campaign",
			{"stops": STOPS, "since": since, "names": names},
		)
	)


def all_stops(names: list[str], since: datetime) -> int:
	"""Return the opt-outs that `stops` counts, each once: one may be during several campaigns."""
	if not names:
		return 0
	query = f"select count(distinct event.name) {STOPPED}"
	return frappe.db.sql(query, {"stops": STOPS, "since": since, "names": names})[0][0]
