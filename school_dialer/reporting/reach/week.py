"""The past seven days on one page, in families: reached or not, why not, opt-outs, cost, and weeks before.

A fixed number of queries, however many families there are. A school's user gets the figures of their schools;
everyone but an officer gets one school at a time and no small group, as `groups` has it.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

import frappe
from frappe import _
from frappe.utils import flt, fmt_money

from school_dialer.base import clock, grade_order, states
from school_dialer.base.refusal import throw
from school_dialer.messages.language import display_name
from school_dialer.outbound.pace import school_costs
from school_dialer.reporting.district import schools as by_school
from school_dialer.reporting.reach import counting, families, figures, groups
from school_dialer.reporting.reach.families import Counted, Families
from school_dialer.reporting.reach.figures import LANGUAGE
from school_dialer.schools import registry, users
from school_dialer.settings import carrier_settings

DAYS = 7
WEEKS = 8
FAMILY = "coalesce(nullif(of_child.family, ''), recipient.household_key)"
"""The family of the first child that a call is about, as all of this page counts families."""
TREND = """select floor(timestampdiff(second, %(first)s, campaign.started_at) / %(seconds)s),
		count(distinct {family}),
		count(distinct if(recipient.status = %(reached)s, {family}, null))
	from `tabDialer Campaign` campaign
	join `tabDialer Recipient` recipient on recipient.campaign = campaign.name
	left join `tabDialer Reach` of_child on of_child.name = json_value(recipient.students, '$[0]') {joins}
	where campaign.started_at >= %(first)s and campaign.started_at < %(before)s
	and recipient.fallback_of is null and recipient.attempts > 0{conditions}
	group by 1"""


def figures_of(school: str = "") -> dict:
	"""Return the page's figures, of one school or of all that the user works for.

	Raises PermissionError for another school, and ValidationError for one that the user may not see alone.
	"""
	today = clock.db_now().date()
	first = today - timedelta(days=DAYS - 1)
	school, offered, alone = chosen(school, first)
	mine = frozenset((school,)) if school else users.of_user()
	as_of = counting.counted_at()
	if as_of is None and counting.possible():
		counting.count_soon()
	hides = as_of is None or (alone and not school)
	counts = Counted() if hides else families.counted(first, school)
	return {
		"since": first,
		"today": today,
		"counted_at": as_of,
		"students": figures.ready(),
		"school": school,
		"schools": offered,
		"alone": alone,
		**of_families(counts),
		"opt_outs": opt_outs(today, mine),
		"costs": costs(clock.db_now(), mine),
		"trend": trend(today, mine),
	}


def chosen(school: str, since: date) -> tuple[str, list[str], bool]:
	"""Return the school, those that may be chosen, and whether only one at a time may be."""
	allowed = users.of_user()
	in_use = registry.schools() if registry.is_district() else ()
	offered = [name for name in in_use if allowed is None or name in allowed]
	one_of = groups.open_schools(since)
	if one_of is not None:
		offered, school = one_of, school or next(iter(one_of), "")
	if school:
		users.require(school)
		if school not in offered:
			throw(_("Choose a school of the list."))
	return school, offered, one_of is not None


def of_families(counts: Counted) -> dict:
	shown = families.shown(counts)
	words = families.reasons()
	return {
		"too_few": counts.whole.families - shown.whole.families > 0,
		"whole": as_row("", shown.whole, "") if shown.whole.families else None,
		"lists": [
			{"by": by, "rows": [as_row(key, group, by) for key, group in in_order(by, groups)]}
			for by, groups in shown.lists.items()
		],
		"why": [
			{"key": why, "name": words.get(why, why), "families": count}
			for why, count in shown.why.most_common()
		],
	}


def in_order(by: str, by_name: dict[str, Families]) -> list[tuple[str, Families]]:
	"""Return the largest language first, and programs as a school reads them, kindergarten before Grade 1."""

	def place(item: tuple[str, Families]) -> tuple:
		key, group = item
		size = -group.families if by == LANGUAGE else 0
		return key == groups.SMALL, size, grade_order.place(key)

	return sorted(by_name.items(), key=place)


def as_row(key: str, group: Families, by: str) -> dict:
	"""Return a row for display. `key` is what a report is narrowed by, "" if no report can be."""
	small = key == groups.SMALL
	name = _("Small groups together") if small else key or _("None")
	return {
		"key": "" if small else key,
		"name": language_name(key) if by == LANGUAGE and key and not small else name,
		"families": group.families,
		"reached": group.reached,
		"not_reached": group.not_reached,
		"unreachable": group.unreachable,
	}


def language_name(code: str) -> str:
	return display_name(code, frappe.local.lang or "en") or code


def opt_outs(today: date, mine: Collection[str] | None) -> list[dict]:
	"""Return the families, by number, that opted out or were wrong numbers: this week and the one before."""
	by_week = []
	for back in (0, 1):
		begin, before = span(today, back)
		stopped = by_school.stopped(begin, before)
		phones = {phone for phone, school in stopped if mine is None or school in mine}
		by_week.append({**days(begin, before), "families": len(phones)})
	return by_week


def costs(now: datetime, mine: Collection[str] | None) -> list[dict]:
	"""Return the cost of this month so far, of the last one up to the same time, and of all of that one."""
	begin = school_costs.month_of(now)
	last = school_costs.month_of(begin - timedelta(days=1))
	currency = carrier_settings.settings().currency or "USD"
	by_month = []
	for first, before in ((begin, now), (last, min(last + (now - begin), begin)), (last, begin)):
		by = by_school.costs(first, before)
		cost = flt(sum(cost["cost"] for school, cost in by.items() if mine is None or school in mine), 2)
		shown = fmt_money(cost, currency=currency)
		by_month.append({**days(first, before), "cost": cost, "shown": shown})
	return by_month


def trend(today: date, mine: Collection[str] | None) -> list[dict]:
	"""Return the families that campaigns called or texted, and reached, by week, the earliest first.

	Two guardians whom a campaign calls about a child are one family. People without a child on record, and
	families of children who left, count by household: those who share one call.
	"""
	first, before = span(today, WEEKS - 1)[0], span(today, 0)[1]
	school, joins = by_school.family() if mine is not None else ("", "")
	rows = frappe.db.sql(
		TREND.format(family=FAMILY, joins=joins, conditions=f" and {school} in %(mine)s" if school else ""),
		{
			"first": first,
			"before": before,
			"seconds": DAYS * 24 * 60 * 60,
			"reached": states.REACHED,
			"mine": tuple(mine or ("",)),
		},
	)
	by_week = {int(week): counts for week, *counts in rows}
	weeks = []
	for week in range(WEEKS):
		tried, reached = by_week.get(week, (0, 0))
		weeks.append({**days(*span(today, WEEKS - 1 - week)), "families": tried, "reached": reached})
	return weeks


def span(today: date, back: int) -> tuple[datetime, datetime]:
	"""Return the week that ends with today, or one that many weeks before (naive, site time zone)."""
	before = datetime.combine(today, time.min) + timedelta(days=1 - back * DAYS)
	return before - timedelta(days=DAYS), before


def days(begin: datetime, before: datetime) -> dict:
	"""Return the first and the last day of a span."""
	return {"from": begin.date(), "to": (before - timedelta(microseconds=1)).date()}
