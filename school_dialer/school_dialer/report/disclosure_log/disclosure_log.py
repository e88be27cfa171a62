"""What was disclosed about a student, who received it and when.

It answers a parent's request under 34 CFR 99.32.

It shows names of fields, not values.
"""

import json
from datetime import timedelta

import frappe
from frappe import _
from frappe.utils import add_months, get_datetime, getdate

from school_dialer.base import clock
from school_dialer.base.database import aliases
from school_dialer.base.refusal import throw
from school_dialer.messages import catalogue
from school_dialer.privacy import student_rows
from school_dialer.reporting.table import above, column

DEFAULT_MONTHS = 12
MOST_ROWS = 50_000
FIELDS = (
	"student",
	"disclosed_at",
	"fields_disclosed",
	"person_name",
	"person_doctype",
	"person",
	"phone_masked",
	"way",
	"purpose",
	"campaign",
	"call_log",
	"certainty",
	"legal_basis",
	"interest",
	"records_disclosed",
	"threat",
)


def execute(filters: dict | None = None) -> tuple[list, list, str | None]:
	filters = frappe._dict(filters or {})
	to_date = getdate(filters.to_date or clock.db_now())
	from_date = getdate(filters.from_date or add_months(to_date, -DEFAULT_MONTHS))
	if from_date > to_date:
		throw(_("The first day lies after the last."))
	rows = read(filters, from_date, to_date)
	stated = _(
		"A statement of disagreement is on file for this student. It goes with the part it is about (34 "
		"CFR 99.21)."
	)
	message = above(
		rows,
		_("Nothing was disclosed in these days. Choose an earlier first day, or clear a filter."),
		len(rows) == MOST_ROWS
		and _("Only the latest {0} are shown. Choose a student or fewer days.").format(MOST_ROWS),
		student_rows.conditions("Dialer Disclosure")
		and _("Students whose records you may not read are left out."),
		filters.student and disagrees(filters.student) and stated,
	)
	return columns(), [as_row(row) for row in rows], message


def disagrees(student: str) -> bool:
	"""Return whether the family has stated disagreement with the student's records.

	A statement that the user may not read does not count.
	"""
	stated = {"student": student, "statement": ("is", "set")}
	return bool(frappe.get_list("Dialer Records Request", stated, pluck="name", order_by="name", limit=1))


def read(filters: frappe._dict, from_date, to_date) -> list[frappe._dict]:
	"""Return the disclosures about students that the user may read."""
	wanted = [
		["disclosed_at", ">=", get_datetime(from_date)],
		["disclosed_at", "<", get_datetime(to_date) + timedelta(days=1)],
	]
	if filters.campaign:
		wanted.append(["campaign", "=", filters.campaign])
	if filters.student:
		wanted.append(["student", "in", sorted(aliases.earlier("Student", [filters.student]))])
	if filters.person:
		wanted.append(["person", "in", sorted(aliases.earlier(None, [filters.person]))])
	rows = frappe.get_list(
		"Dialer Disclosure",
		filters=wanted,
		fields=list(FIELDS),
		order_by="disclosed_at desc, name",
		limit=MOST_ROWS,
	)
	campaigns = sorted({row.campaign for row in rows if row.campaign})
	titles = {}
	if campaigns:
		titles = dict(
			frappe.db.sql("select name, title from `tabDialer Campaign` where name in %s", (campaigns,))
		)
	return [frappe._dict(row, title=titles.get(row.campaign)) for row in rows]


def columns() -> list[dict]:
	"""Return the columns.

	The student is not a link, because Frappe would then require permission to read all students.
	"""
	return [
		column("student", _("Student"), "Data", 190),
		column("disclosed_at", _("Disclosed At"), "Datetime", 180),
		column("told", _("What Was Disclosed"), "Data", 260),
		column("person_name", _("Disclosed To"), "Data", 200),
		column("person", _("Their record"), "Data", 230),
		column("phone_masked", _("Number"), "Data", 130),
		column("way", _("How"), "Data", 90),
		column("purpose", _("Purpose"), "Data", 100),
		column("campaign", _("Campaign"), "Link", 130, options="Dialer Campaign"),
		column("title", _("Title"), "Data", 160),
		column("call_log", _("Call log"), "Link", 130, options="Dialer Call Log"),
		column("certainty", _("Certainty"), "Data", 90),
		column("legal_basis", _("Legal Basis"), "Data", 180),
		column("interest", _("Their Legitimate Interest"), "Data", 180),
		column("threat", _("Threat"), "Data", 180),
	]


def as_row(row: frappe._dict) -> dict:
	names = json.loads(row.fields_disclosed or "[]")
	person = f"{_(row.person_doctype)} {row.person}" if row.person else ""
	disclosed = (
		row.records_disclosed or catalogue.labels(names) or _("the message about the student's record")
	)
	translated = {
		name: _(row[name]) if row[name] else "" for name in ("way", "purpose", "certainty", "legal_basis")
	}
	return {**row, **translated, "told": disclosed, "person": person}
