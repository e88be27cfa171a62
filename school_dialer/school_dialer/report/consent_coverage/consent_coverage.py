"""How many people in an audience may be called about a purpose, and why the others may not.

By group, program, language, purpose or school. A school's user gets the families of their schools.
"""

from collections import Counter

import frappe
from frappe import _

from school_dialer.base import grade_order
from school_dialer.base.refusal import throw
from school_dialer.compliance.vocabulary import CHANNELS, PURPOSES
from school_dialer.reporting import coverage
from school_dialer.reporting.table import above, charted, column, figure, labels, percent
from school_dialer.schools import registry, users

BY = {
	"Student Group": "Student Group",
	"Program": "Program",
	"Language": "Language",
	"Purpose": None,
	coverage.SCHOOL: None,
}
"""Groupings of the report, with the DocType of their rows."""


def execute(filters: dict | None = None) -> tuple[list, list, str | None, dict, list, int]:
	filters = frappe._dict(filters or {})
	by = chosen(filters.by or available()[0], available())
	audience = chosen(filters.audience or coverage.usual_audience(), coverage.audiences())
	channel = chosen(filters.channel or "Voice", CHANNELS)
	purpose = chosen(filters.purpose or coverage.USUAL, PURPOSES)
	purposes = coverage.COVERED if by == "Purpose" else (purpose,)
	if by == "Purpose":
		purposes = (purpose, *(other for other in purposes if other != purpose))
	counted = coverage.count(audience, filters.audience_name or None, channel, purposes, by, users.of_user())
	rows = [as_row(key, counts, by) for key, counts in counted.groups.items()]
	rows.sort(key=lambda row: (row["share"], -row["people"], grade_order.place(row["group"])))
	empty = _("No one is in this audience. Choose another audience or group.")
	return columns(by), rows, above(rows, empty), chart(rows), summary(counted.total, purpose), 1


def available() -> list[str]:
	"""Return the groupings this site has: groups and programs where Education provides them, schools in a
	district.
	"""
	groupings = [by for by, doctype in BY.items() if not doctype or frappe.db.exists("DocType", doctype)]
	return [by for by in groupings if by != coverage.SCHOOL or registry.is_district()]


def chosen(value: str | None, options: tuple | list) -> str:
	if value not in options:
		throw(_("Choose one of: {0}.").format(", ".join(map(_, options))))
	return value


def columns(by: str) -> list[dict]:
	link = {"options": BY[by]} if BY[by] else {}
	return [
		column("group", _(by), "Link" if link else "Data", 220, **link),
		column("people", _("People"), "Int", 100),
		column(coverage.CONSENTED, _("Consented"), "Int", 110),
		column("share", _("Consented %"), "Percent", 120),
		column(coverage.NOT_ASKED, _("Not asked"), "Int", 110),
		column(coverage.STOPPED, _("Opted out"), "Int", 110),
		column(coverage.LAPSED, _("Expired or needs signature"), "Int", 210),
		column(coverage.NO_NUMBER, _("No working phone number"), "Int", 200),
	]


def as_row(key: str, counts: Counter, by: str) -> dict:
	people = counts.total()
	return {
		"group": (_(key) if by == "Purpose" else key) or None,
		"people": people,
		"share": percent(counts[coverage.CONSENTED], people),
		**{name: counts[name] for name in coverage.STANDINGS},
	}


def chart(rows: list[dict]) -> dict | None:
	"""Return a chart with the lowest shares first."""
	if not rows:
		return None
	shown = charted(rows, (row["group"] or "" for row in rows))
	names = {
		coverage.CONSENTED: _("Consented"),
		coverage.NOT_ASKED: _("Not asked"),
		coverage.STOPPED: _("Opted out"),
		coverage.LAPSED: _("Lapsed"),
		coverage.NO_NUMBER: _("No working phone number"),
	}
	return {
		"type": "bar",
		"barOptions": {"stacked": True},
		"colors": ["green", "orange", "red", "yellow", "grey"],
		"data": {
			"labels": labels(row["group"] or _("None") for row in shown),
			"datasets": [
				{"name": label, "values": [row[name] for row in shown]} for name, label in names.items()
			],
		},
	}


def summary(total: Counter, purpose: str) -> list[dict]:
	people, consented = total.total(), total[coverage.CONSENTED]
	return [
		figure(_("People, each once"), people),
		figure(_("Consented to {0}").format(_(purpose)), consented, "Green"),
		figure(_("Consented %"), percent(consented, people) or 0, "Green", "Percent"),
		figure(_("Not asked"), total[coverage.NOT_ASKED], "Orange"),
		figure(_("Opted out"), total[coverage.STOPPED], "Red"),
	]
