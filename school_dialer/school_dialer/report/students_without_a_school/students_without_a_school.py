"""Current students without a school, of a school not in use, or with two, so that someone decides."""

from collections import Counter
from collections.abc import Iterator

import frappe
from frappe import _

from school_dialer.audience import student_access
from school_dialer.base import clock
from school_dialer.reporting.table import above, column, figure
from school_dialer.schools import belonging, placement, registry

MOST = 5000
NONE, TWO, UNUSED = PROBLEMS = ("No school", "Two schools", "School not in use")


def execute(filters: dict | None = None) -> tuple[list, list, str | None, None, list]:
	wanted = (filters or {}).get("problem")
	if not placement.ready():
		return columns(), [], _("This site has one school: every student belongs to it."), None, []
	listed = list(problems())
	allowed = student_access.readable({row["student"] for row in listed}, [])
	rows = [row for row in listed if row["student"] in allowed and wanted in (None, "", row["kind"])]
	message = above(
		rows,
		_("None of these students has this problem.") if listed else _("Every student has one school."),
		len(allowed) < len(listed)
		and _("Students whose records you may not read are counted and not listed."),
		len(rows) > MOST and _("The first {0} are shown.").format(MOST),
	)
	return columns(), [shown(row) for row in rows[:MOST]], message, None, summary(listed)


def columns() -> list[dict]:
	return [
		column("problem", _("Problem"), "Data", 140),
		column("student", _("Student"), "Link", 170, options="Student")
		if frappe.db.exists("DocType", "Student", cache=True)
		else column("student", _("Student"), "Data", 180),
		column("student_name", _("Name"), "Data", 150),
		column("school", _("School"), "Link", 140, options=registry.DOCTYPE),
		column("schools", _("Schools on Record"), "Data", 150),
		column("remedy", _("What to Do"), "Data", 450),
	]


def problems() -> Iterator[dict]:
	"""Yield the current students with a problem, with a fixed number of queries for each chunk."""
	in_use, day = registry.schools(), clock.db_now().date()
	for names in placement.chunks():
		two = placement.in_question(names, day)
		rows = frappe.get_all(
			placement.STUDENT,
			{"name": ("in", names), "enabled": 1},
			["name", "student_name", belonging.FIELD],
			order_by="name",
		)
		for row in rows:
			school = row[belonging.FIELD]
			if not school:
				kind = NONE
			elif school not in in_use:
				kind = UNUSED
			elif row.name in two:
				kind = TWO
			else:
				continue
			yield {
				"kind": kind,
				"student": row.name,
				"student_name": row.student_name,
				"school": school,
				"schools": two.get(row.name, ()),
			}


def shown(row: dict) -> dict:
	return {
		**row,
		"problem": title(row["kind"]),
		"schools": ", ".join(row["schools"]),
		"remedy": remedy(row["kind"]),
	}


def title(kind: str) -> str:
	return {
		NONE: _("No school"),
		TWO: _("Two schools"),
		UNUSED: _("School not in use"),
	}[kind]


def remedy(kind: str) -> str:
	return {
		NONE: _("Choose the school in the student's record or in the program's."),
		TWO: _("Choose the school in the student's record: what you choose there stays."),
		UNUSED: _("Choose another school in the student's record."),
	}[kind]


def summary(rows: list[dict]) -> list[dict]:
	counts = Counter(row["kind"] for row in rows)
	return [figure(title(kind), counts[kind], "Red" if counts[kind] else "Green") for kind in PROBLEMS]
