"""The students, those first whom no message has reached at all, and then the longest ago first.

That is the order of the index on `reached_at`, so a site with many students reads as many rows as it shows.
"""

from collections.abc import Collection, Mapping
from datetime import date

import frappe

from school_dialer.reporting.reach import figures

MOST = 5000
ALL, NOT_REACHED, UNREACHABLE, REACHED = SHOWN = ("All", "Not reached", "Cannot be reached", "Reached")
CONDITIONS = {
	ALL: "",
	NOT_REACHED: " and ifnull(reach.reached_at < %(since)s, 1)",
	UNREACHABLE: " and reach.consented = 0 and reach.mail_guardian = ''",
	REACHED: " and reach.reached_at >= %(since)s",
}
NARROWED = {"student": " and reach.name = %(student)s", "why": " and reach.why = %(why)s"}
"""Filters besides those of `figures`."""
PEOPLE = ("call_guardian", "text_guardian", "mail_guardian")


def listed(since: date, filters: Mapping[str, str], shown: str) -> list[frappe._dict]:
	"""Return up to `MOST` + 1 students whose records the user may read. One statement, and one for names."""
	if not figures.ready():
		return []
	conditions = (
		CONDITIONS[shown]
		+ "".join(condition for name, condition in NARROWED.items() if filters.get(name))
		+ figures.narrowed(filters)
	)
	rows = frappe.db.sql(
		f"""select reach.student, `tabStudent`.student_name, {figures.school_column()} school, reach.program,
			reach.language, reach.call_guardian, reach.text_guardian, reach.mail_guardian, reach.guardians,
			reach.why, reach.reached_at, reach.reached_by, reach.reached_doctype, reach.reached_person,
			reach.answered_at
		from `tabDialer Reach` reach join `tabStudent` on `tabStudent`.name = reach.name
		where `tabStudent`.enabled = 1{conditions}
			{figures.visible(readable=True)}
		order by reach.reached_at, reach.name
		limit %(most)s""",
		{**filters, "since": since, "most": MOST + 1},
		as_dict=True,
	)
	names = guardians({row[column] for row in rows for column in PEOPLE} | {heard(row) for row in rows})
	for row in rows:
		for column in PEOPLE:
			row[column] = names.get(row[column], row[column])
		row.reached_person = names.get(heard(row), "") or row.reached_person
	return rows


def heard(row: frappe._dict) -> str:
	return row.reached_person if row.reached_doctype == "Guardian" else ""


def guardians(names: Collection[str]) -> dict[str, str]:
	"""Return the full names of these guardians, in one query."""
	wanted = tuple(filter(None, names))
	if not wanted:
		return {}
	return dict(
		frappe.db.sql(
			"select name, ifnull(guardian_name, name) from `tabGuardian` where name in %s", (wanted,)
		)
	)


def last_reached(names: Mapping[str, str]) -> list[dict]:
	"""Return {"student": full name, "reached_on": date or None} for these students, the longest ago first.

	`names` is {student: full name}. One query. The caller decides who may see them.
	"""
	if not names:
		return []
	rows = frappe.db.sql(
		"select student, reached_at from `tabDialer Reach` where student in %s", (tuple(names),)
	)
	days = {student: at and at.date() for student, at in rows}
	ordered = sorted(names, key=lambda name: (days.get(name) or date.min, names[name]))
	return [{"student": names[name], "reached_on": days.get(name)} for name in ordered]
