"""Every opt-out with the minutes until it took effect and until it was confirmed.

For a regulator or an internal audit.
"""

from collections import Counter

import frappe
from frappe import _
from frappe.utils import format_date

from school_dialer.consent.replies import opt_out_timing
from school_dialer.reporting.table import above, column, figure, period
from school_dialer.schools import opting_out
from school_dialer.schools import rows as school_rows

DEFAULT_DAYS = 30


def execute(filters: dict | None = None) -> tuple[list, list, str | None, dict | None, list]:
	filters = frappe._dict(filters or {})
	begin, before = period(filters, DEFAULT_DAYS)
	stops = opt_out_timing.stops(begin, before, filters.source or None)
	rows = [as_row(stop) for stop in own(list(stops))]
	empty = _("No one opted out in these days. Choose an earlier first day, or clear a filter.")
	return columns(), rows, above(rows, empty), chart(rows), summary(rows)


def own(stops: list[opt_out_timing.OptOutTiming]) -> list[opt_out_timing.OptOutTiming]:
	"""Return those that a school's user may see; all for a district user."""
	condition = school_rows.narrowing("Consent Event")
	if not condition or not stops:
		return stops
	query = f"select name from `tabConsent Event` where name in %s{condition}"
	may = {name for (name,) in frappe.db.sql(query, (tuple({stop.event for stop in stops}),))}
	return [stop for stop in stops if stop.event in may]


def columns() -> list[dict]:
	return [
		column("event", _("Event"), "Link", 130, options="Consent Event"),
		column("number", _("Number"), "Data", 130),
		column("kind", _("Kind"), "Data", 110),
		column("source", _("How"), "Data", 160),
		column("scope", _("What to stop"), "Data", 210),
		column("channel", _("Channel"), "Data", 110),
		column("purpose", _("Purpose"), "Data", 100),
		column("received_at", _("Received"), "Datetime", 180),
		column("effective_at", _("Effective"), "Datetime", 180),
		column("minutes_to_effect", _("Minutes until Effective"), "Float", 110, precision=2),
		column("confirmed_at", _("Confirmed"), "Datetime", 180),
		column("minutes_to_confirmation", _("Minutes until Confirmed"), "Float", 110, precision=2),
		column("confirmed_by", _("Confirmed By"), "Data", 110),
		column("text_status", _("Confirmation Text"), "Data", 110),
	]


def as_row(stop: opt_out_timing.OptOutTiming) -> dict:
	return {
		"event": stop.event,
		"number": stop.phone_masked,
		"kind": _(stop.kind),
		"source": _(stop.source),
		"scope": _(stop.scope),
		"channel": _(stop.channel),
		"purpose": opting_out.purpose_name(stop.purpose),
		"received_at": stop.received_at,
		"effective_at": stop.effective_at,
		"minutes_to_effect": stop.minutes_to_effect,
		"confirmed_at": stop.confirmed_at,
		"minutes_to_confirmation": stop.minutes_to_confirmation,
		"confirmed_by": _(stop.confirmed_by),
		"text_status": _(stop.text_status),
	}


def chart(rows: list[dict]) -> dict | None:
	"""Return a chart by day and by source."""
	if not rows:
		return None
	days = sorted({row["effective_at"].date() for row in rows})
	counts = Counter((row["effective_at"].date(), row["source"]) for row in rows)
	return {
		"type": "bar",
		"barOptions": {"stacked": True},
		"data": {
			"labels": [format_date(day) for day in days],
			"datasets": [
				{"name": source, "values": [counts[day, source] for day in days]}
				for source in sorted({row["source"] for row in rows})
			],
		},
	}


def summary(rows: list[dict]) -> list[dict]:
	longest = max((row["minutes_to_effect"] for row in rows), default=0.0)
	waiting = sum(1 for row in rows if row["confirmed_at"] is None)
	return [
		figure(_("Opt-outs"), len(rows)),
		figure(
			_("Longest until effective (minutes)"),
			longest,
			"Green" if longest <= 24 * 60 else "Red",
			"Float",
		),
		figure(_("Without confirmation"), waiting, "Orange" if waiting else "Green"),
	]
