"""How many students' families agreed, were reached, and answered since the term began.

By school, program, language or student group. Users below officer see small groups as one
(`reporting.reach.groups`).
"""

from datetime import date

import frappe
from frappe import _
from frappe.utils import format_date, format_datetime

from school_dialer.base import grade_order
from school_dialer.base.counted import counted as in_words
from school_dialer.base.refusal import throw
from school_dialer.reporting.reach import counting, figures, groups, hiding, terms
from school_dialer.reporting.reach.figures import GROUP, LANGUAGE, PROGRAM, SCHOOL, Figures
from school_dialer.reporting.table import charted, column, figure, labels, percent
from school_dialer.schools import registry, users

LINKS = {SCHOOL: registry.DOCTYPE, PROGRAM: "Program", LANGUAGE: "Language", GROUP: "Student Group"}


def execute(filters: dict | None = None) -> tuple[list, list, str | None, dict | None, list, int]:
	filters = frappe._dict(filters or {})
	if not figures.ready():
		return columns(LANGUAGE), [], _("This site has no students on record."), None, [], 1
	by, since = chosen(filters.by), terms.since(filters)
	wanted = {name: filters[name] for name in figures.FILTERS if filters.get(name)}
	by_key, whole, hidden = groups.counted(by, since, wanted)
	rows = [as_row(key, row) for key, row in by_key.items()]
	rows.sort(key=in_order)
	return columns(by), rows, message(since, whole, hidden), chart(rows), summary(whole), 1


def in_order(row: dict) -> tuple:
	"""Return the place of a row: the lowest share first, and small groups together last."""
	of_several = row["group"] == several()
	return of_several, row["reached_share"], -row["students"], grade_order.place(row["group"])


def chosen(by: str | None) -> str:
	"""Return the list to show: in a district that of its schools, elsewhere that of programs."""
	offered = figures.offered()
	usual = SCHOOL if several_schools() else PROGRAM
	by = by or (usual if usual in offered else LANGUAGE)
	if by not in offered:
		throw(_("Choose one of: {0}.").format(", ".join(map(_, offered))))
	return by


def several_schools() -> bool:
	allowed = users.of_user()
	return registry.is_district() and (allowed is None or len(allowed) > 1)


def columns(by: str) -> list[dict]:
	return [
		column("group", _(by), "Data", 200)
		if by == LANGUAGE or not frappe.db.exists("DocType", LINKS[by], cache=True)
		else column("group", _(by), "Link", 200, options=LINKS[by]),
		column("students", _("Students"), "Int", 100),
		column("consented", _("Consented"), "Int", 110),
		column("consented_share", _("Consented %"), "Percent", 120),
		column("reached", _("Reached"), "Int", 100),
		column("reached_share", _("Reached %"), "Percent", 110),
		column("answered", _("Answered"), "Int", 100),
		column("answered_share", _("Answered %"), "Percent", 120),
		column("not_reached", _("Not reached"), "Int", 120),
		column("unreachable", _("Cannot be reached"), "Int", 160),
	]


def as_row(key: str, row: Figures) -> dict:
	return {
		"group": several() if key == groups.SMALL else key or None,
		"students": row.students,
		"consented": row.consented,
		"consented_share": percent(row.consented, row.students),
		"reached": row.reached,
		"reached_share": percent(row.reached, row.students),
		"answered": row.answered,
		"answered_share": percent(row.answered, row.students),
		"not_reached": row.not_reached,
		"unreachable": row.unreachable,
	}


def several() -> str:
	return _("Small groups together")


def message(since: date, whole: Figures, hidden: int) -> str:
	sentences = [_("Reached and answered since {0}.").format(format_date(since))]
	if counted := counting.counted_at():
		sentences.append(_("Consent and numbers as of {0}.").format(format_datetime(counted)))
	else:
		counting.count_soon()
		sentences.append(_("The first count is under way. Look again in a few minutes."))
	if hidden and not whole.students:
		sentences.append(_("There are fewer than {0} students, too few to show.").format(hiding.LEAST))
	elif hidden:
		sentences.append(
			in_words(
				hidden,
				_("1 group is shown as one because groups below {1} students are not shown."),
				_("{0} groups are shown as one because groups below {1} students are not shown."),
				hiding.LEAST,
			)
		)
	return " ".join(sentences)


def chart(rows: list[dict]) -> dict | None:
	"""Return a chart with the lowest shares first."""
	if not rows:
		return None
	shown = charted(rows, (row["group"] or "" for row in rows))
	names = {
		"consented_share": _("Consented %"),
		"reached_share": _("Reached %"),
		"answered_share": _("Answered %"),
	}
	return {
		"type": "bar",
		"colors": ["blue", "green", "purple"],
		"data": {
			"labels": labels(row["group"] or _("None") for row in shown),
			"datasets": [
				{"name": label, "values": [row[name] for row in shown]} for name, label in names.items()
			],
		},
	}


def summary(whole: Figures) -> list[dict]:
	if not whole.students:
		return []
	return [
		figure(_("Students, each once"), whole.students),
		figure(_("Consented %"), percent(whole.consented, whole.students) or 0, "Blue", "Percent"),
		figure(_("Reached %"), percent(whole.reached, whole.students) or 0, "Green", "Percent"),
		figure(_("Not reached"), whole.not_reached, "Orange"),
		figure(_("Cannot be reached"), whole.unreachable, "Red" if whole.unreachable else "Green"),
	]
