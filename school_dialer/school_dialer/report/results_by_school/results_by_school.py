"""The schools of a district side by side: consent, reach, opt-outs, and cost.

One row for each school and one for the district's own; together they are the site.
"""

from collections import Counter
from datetime import datetime

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.refusal import throw
from school_dialer.compliance.vocabulary import CHANNELS, EMERGENCY, PURPOSES
from school_dialer.outbound.pace import school_costs
from school_dialer.reporting import coverage
from school_dialer.reporting.district import schools
from school_dialer.reporting.table import charted, column, figure, labels, percent, period
from school_dialer.schools import registry
from school_dialer.settings import carrier_settings

DAYS = 30
MONEY = {"options": "currency"}


def execute(filters: dict | None = None) -> tuple[list, list, None, dict | None, list]:
	filters = frappe._dict(filters or {})
	purpose = chosen(filters.purpose, PURPOSES)
	channel = chosen(filters.channel, CHANNELS)
	rows = read(*period(filters, DAYS), purpose, channel)
	return columns(), rows, None, chart(rows), summary(rows)


def chosen(value: str | None, options: tuple) -> str:
	if value and value not in options:
		throw(_("Choose one of: {0}.").format(", ".join(map(_, options))))
	return value or ""


def read(begin: datetime, before: datetime, purpose: str, channel: str) -> list[dict]:
	"""Return the rows that the session's user may see, in alphabetical order, the district's own last."""
	covered = consents(purpose, channel)
	reached = schools.reach(begin, before, purpose, channel)
	stopped = schools.opt_outs(begin, before, purpose, channel)
	costs = schools.costs(begin, before, purpose, channel)
	month = spent_this_month()
	if not registry.is_district():
		return [one_school(covered, reached, stopped, costs, month)]
	allowed = schools.allowed()
	names = {*registry.schools(), *covered, *reached, *stopped, *costs}
	names = {schools.DISTRICT, *names} if allowed is None else names & set(allowed)
	return [
		as_row(name, covered.get(name, Counter()), reached.get(name, Counter()))
		| {"opt_outs": stopped[name]}
		| costs.get(name, {"cost": 0.0, "calls": 0, "texts": 0})
		| limit_of(name, month)
		for name in sorted(names, key=lambda school: (not school, school))
	]


def one_school(covered: dict, reached: dict, stopped: Counter, costs: dict, month: dict) -> dict:
	"""Return the only row of a site with one school: everything."""
	row = as_row("", sum(covered.values(), Counter()), sum(reached.values(), Counter()))
	for field in ("cost", "calls", "texts"):
		row[field] = sum(cost[field] for cost in costs.values())
	name = next(iter(registry.schools()), "") or _("School")
	return row | {"school": name, "opt_outs": stopped.total(), "month": sum(month.values())}


def consents(purpose: str, channel: str) -> dict[str, Counter]:
	"""Return school -> people by consent state. An emergency needs no consent, so it counts the usual one."""
	if not (audience := coverage.usual_audience()):
		return {}
	asked = coverage.USUAL if purpose in ("", EMERGENCY) else purpose
	return coverage.count(audience, None, channel or "Voice", (asked,), coverage.ONE_SCHOOL).groups


def spent_this_month() -> dict[str, float]:
	now = clock.db_now()
	costs = school_costs.between(school_costs.month_of(now), school_costs.after(now))
	return {school: cost.total for school, cost in costs.items()}


def limit_of(name: str, month: dict[str, float]) -> dict:
	school = registry.schools().get(name)
	limit = school.monthly_limit if school else 0.0
	spent = month.get(name, 0.0)
	return {"month": spent, "limit": limit or None, "left": limit - spent if limit else None}


def as_row(name: str, consent: Counter, reached: Counter) -> dict:
	shown, people = schools.as_shown(name, reached), consent.total()
	return {
		"school": name or _("The district's own"),
		"people": people,
		"consented": consent[coverage.CONSENTED],
		"coverage": percent(consent[coverage.CONSENTED], people),
		"called": shown["people"],
		"tried": shown["tried"],
		"reached": shown["reached"],
		"share": percent(shown["reached"], shown["tried"]),
		"blocked": shown["blocked"],
		"currency": carrier_settings.settings().currency or "USD",
	}


def columns() -> list[dict]:
	once = {"disable_total": 1}
	return [
		column("school", _("School"), "Data", 200),
		column("people", _("People on record"), "Int", 140),
		column("consented", _("Consented"), "Int", 100),
		column("coverage", _("Consented %"), "Percent", 110, **once),
		column("called", _("Families in campaigns"), "Int", 170),
		column("tried", _("Tried"), "Int", 80),
		column("reached", _("Reached"), "Int", 90),
		column("share", _("Reached % of those tried"), "Percent", 190, **once),
		column("blocked", _("Blocked"), "Int", 90),
		column("opt_outs", _("Opt-outs"), "Int", 90),
		column("calls", _("Calls"), "Int", 80),
		column("texts", _("Texts"), "Int", 80),
		column("cost", _("Cost"), "Currency", 110, **MONEY),
		column("month", _("This month"), "Currency", 110, **MONEY),
		column("limit", _("Monthly limit"), "Currency", 120, **once, **MONEY),
		column("left", _("Left of it"), "Currency", 110, **once, **MONEY),
		column("currency", _("Currency"), "Data", 80, hidden=1),
	]


def chart(rows: list[dict]) -> dict | None:
	if not rows:
		return None
	shown = charted(rows, (row["school"] for row in rows))
	return {
		"type": "bar",
		"colors": ["green", "blue"],
		"data": {
			"labels": labels(row["school"] for row in shown),
			"datasets": [
				{"name": _("Reached %"), "values": [row["share"] or 0 for row in shown]},
				{"name": _("Consented %"), "values": [row["coverage"] or 0 for row in shown]},
			],
		},
	}


def summary(rows: list[dict]) -> list[dict]:
	def total(name: str) -> float:
		return sum(row[name] for row in rows)

	currency = carrier_settings.settings().currency or "USD"
	return [
		figure(_("Consented %"), percent(total("consented"), total("people")) or 0, "Green", "Percent"),
		figure(
			_("Reached % of those tried"), percent(total("reached"), total("tried")) or 0, "Green", "Percent"
		),
		figure(_("Blocked"), total("blocked"), "Red"),
		figure(_("Opt-outs"), total("opt_outs"), "Orange"),
		figure(_("Cost"), total("cost"), datatype="Currency") | {"currency": currency},
	]
