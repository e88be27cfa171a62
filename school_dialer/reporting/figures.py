"""The workspace's numbers and charts.

Each takes one or a few queries that an index answers, however many rows there are.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta

import frappe
from frappe import _
from frappe.utils import add_days, format_date

from school_dialer.base import clock, states
from school_dialer.campaigns.call_order import REACHED as HEARD
from school_dialer.campaigns.call_order import VOICEMAIL
from school_dialer.consent.replies import opt_out_timing, overdue
from school_dialer.reporting import campaigns, coverage
from school_dialer.reporting.reach import counting, groups, terms
from school_dialer.reporting.table import BARS, labels, percent
from school_dialer.schools import rows as school_rows
from school_dialer.schools import users

NOTHING = "–"
HOURS = range(24)
DAYS = 90
REACHED = ("completed", states.UNREPORTED, *states.RECEIVED)
OUTCOMES = ("Reached", "Voicemail", "Not reached")


def consent_coverage() -> str:
	"""Return the share of the people that a general call may reach, as of the last count.

	A school's user gets that of their schools. Enqueues a count if there is none for today.
	"""
	rows = coverage.latest(1, users.of_user())
	if not rows or rows[0].day != clock.db_now().date():
		count_soon()
	return percentage(rows[0].consented, rows[0].people) if rows else NOTHING


def count_soon() -> None:
	frappe.enqueue(
		"school_dialer.reporting.coverage.daily", queue="long", job_id="dialer-coverage", deduplicate=True
	)


def reached_today() -> tuple[int, int]:
	"""Return how many people were reached since midnight in the site time zone, and how many were tried."""
	reached, tried = frappe.db.sql(
		"""select count(distinct if(result = %s, recipient, null)), count(distinct recipient)
		from `tabDialer Call Log` where status_rank in %s and placed_at >= %s and status != %s"""
		+ school_rows.narrowing("Dialer Call Log"),
		(HEARD, states.FINAL_RANKS, datetime.combine(clock.db_now().date(), time()), states.REFUSED),
	)[0]
	return reached, tried


def students_not_reached() -> tuple[int, int] | None:
	"""Return how many students no message reached this term, and how many there are.

	None before the first count, which this enqueues, and for too few students to show.
	"""
	counted = counting.counted_at()
	if counted is None and counting.possible():
		counting.count_soon()
	totals = groups.total(terms.since({})) if counted else None
	return (totals.not_reached, totals.students) if totals else None


def opt_out_sla() -> str:
	"""Return the share of the last 30 days' opt-outs that took effect within a day of being received.

	The limit may be set differently for the site.
	"""
	now = clock.db_now()
	limit = overdue.allowed().total_seconds()
	stops, in_time = frappe.db.sql(
		"""select count(*), sum(timestampdiff(second, received_at, effective_at) <= %s)
		from `tabConsent Event` where kind in %s and effective_at >= %s"""
		+ school_rows.narrowing("Consent Event"),
		(limit, opt_out_timing.STOPS, now - timedelta(days=30)),
	)[0]
	return percentage(float(in_time or 0), stops)


def percentage(part: float, whole: float) -> str:
	"""Return a percentage that is never rounded up to 100."""
	share = percent(part, whole)
	if share is None:
		return NOTHING
	return f"{min(share, 99.9) if part < whole else share:g} %"


def calls_by_hour(day: date) -> dict:
	"""Return the chart data, or {} if nothing ended on that day."""
	by_outcome = hours_of(day)
	if not any(counts.total() for counts in by_outcome.values()):
		return {}
	return {
		"labels": [f"{hour:02d}" for hour in HOURS],
		"datasets": [
			{"name": _(outcome), "values": [by_outcome[outcome][hour] for hour in HOURS]}
			for outcome in OUTCOMES
		],
	}


def hours_of(day: date) -> dict[str, Counter]:
	"""Return outcome -> calls and texts that ended, by the hour when they were placed (site time zone).

	Runs one query per hour. The rate limits of the sending numbers bound its work.
	"""
	by_outcome: dict[str, Counter] = {outcome: Counter() for outcome in OUTCOMES}
	narrowing = school_rows.narrowing("Dialer Call Log")
	for hour in HOURS:
		begin = datetime.combine(day, time(hour))
		rows = frappe.db.sql(
			"""select status, result, count(*) from `tabDialer Call Log`
			where status_rank in %s and placed_at >= %s and placed_at < %s and status != %s"""
			+ narrowing
			+ " group by status, result",
			(states.FINAL_RANKS, begin, begin + timedelta(hours=1), states.REFUSED),
		)
		for status, result, count in rows:
			kind = "Voicemail" if result == VOICEMAIL else "Not reached"
			by_outcome["Reached" if was_reached(status, result) else kind][hour] += count
	return by_outcome


def was_reached(status: str, result: str | None) -> bool:
	"""Return whether a person heard or received it.

	An inbound call or text has no result and counts by its status.
	"""
	return result == HEARD if result else status in REACHED


def outcome_by_campaign() -> dict:
	"""Return the chart of the latest campaigns that started, the newest last."""
	latest = frappe.db.sql(
		"select name, title from `tabDialer Campaign` where started_at is not null"
		+ school_rows.narrowing("Dialer Campaign")
		+ " order by started_at desc, name desc limit %s",
		BARS,
		as_dict=True,
	)[::-1]
	if not latest:
		return {}
	counts = {campaign.name: campaigns.by_status([campaign.name])[campaign.name] for campaign in latest}
	kinds = {
		_("Reached"): (states.REACHED,),
		_("Not reached"): (states.NOT_REACHED, states.UNKNOWN),
		_("Blocked"): (states.BLOCKED,),
		_("Waiting"): (*states.WAITING, states.DIALING),
	}
	datasets = []
	for name, states_of in kinds.items():
		values = [sum(counts[campaign.name][state] for state in states_of) for campaign in latest]
		datasets.append({"name": name, "values": values})
	return {"labels": labels(campaign.title for campaign in latest), "datasets": datasets}


def consent_over_time() -> dict:
	"""Return the chart of consented, opted out, lapsed and not asked people by day for three months.

	A school's user gets that of their schools.
	"""
	rows = coverage.latest(DAYS, users.of_user())[::-1]
	since = add_days(clock.db_now().date(), -DAYS)
	rows = [row for row in rows if row.day >= since]
	if not rows:
		return {}
	names = {
		"consented": _("Consented"),
		"opted_out": _("Opted out"),
		"lapsed": _("Lapsed"),
		"not_asked": _("Not asked"),
	}
	return {
		"labels": [format_date(row.day) for row in rows],
		"datasets": [{"name": name, "values": [row[field] for row in rows]} for field, name in names.items()],
	}
