"""How each student's family can be reached, by whom, and when it was reached last: the longest ago first.

Only students whose records the user may read. No phone number.
"""

from datetime import date

import frappe
from frappe import _
from frappe.utils import format_date, format_datetime

from school_dialer.base.refusal import throw
from school_dialer.reporting.reach import counting, families, figures, heard, students, terms
from school_dialer.reporting.reach.figures import Figures
from school_dialer.reporting.table import column, figure, percent
from school_dialer.schools import registry


def execute(filters: dict | None = None) -> tuple[list, list, str | None, None, list]:
	filters = frappe._dict(filters or {})
	if not figures.ready():
		return columns(), [], _("This site has no students on record."), None, []
	shown, since = filters.show or students.NOT_REACHED, terms.since(filters)
	if shown not in students.SHOWN:
		throw(_("Choose one of: {0}.").format(", ".join(map(_, students.SHOWN))))
	names = (*figures.FILTERS, *students.NARROWED)
	wanted = {name: filters[name] for name in names if filters.get(name)}
	rows = students.listed(since, wanted, shown)
	whole = (
		figures.total(since, wanted, readable=True) if not wanted.keys() & students.NARROWED.keys() else None
	)
	say(rows, since)
	return columns(), rows[: students.MOST], message(since, rows), None, summary(whole) if whole else []


def columns() -> list[dict]:
	school = [column("school", _("School"), "Link", 130, options=registry.DOCTYPE)]
	return [
		column("student_name", _("Name"), "Data", 200),
		*(school if registry.is_district() else []),
		linked("program", _("Program"), "Program", 110),
		column("state", _("This Term"), "Data", 130),
		column("call_guardian", _("Can Be Called"), "Data", 140),
		column("text_guardian", _("Can Be Texted"), "Data", 140),
		column("mail_guardian", _("Has E-mail"), "Data", 140),
		column("why", _("Why"), "Data", 220),
		column("reached_at", _("Last Reached"), "Datetime", 180),
		column("reached_by", _("How"), "Data", 120),
		column("reached_person", _("Whom"), "Data", 140),
		column("answered_at", _("Last Answered"), "Datetime", 180),
		linked("student", _("Student"), "Student", 180),
		column("guardians", _("Guardians"), "Int", 100),
		column("language", _("Language"), "Data", 100),
	]


def linked(fieldname: str, label: str, doctype: str, width: int) -> dict:
	"""Return a column of links, or of texts on a site without this DocType."""
	if frappe.db.exists("DocType", doctype, cache=True):
		return column(fieldname, label, "Link", width, options=doctype)
	return column(fieldname, label, "Data", width)


def say(rows: list[frappe._dict], since: date) -> None:
	"""Put the columns of these rows into words."""
	reached, not_reached, unreachable = _("Reached"), _("Not reached"), _("Cannot be reached")
	ways, reasons = {way: _(way) for way in heard.WAYS}, families.reasons()
	for row in rows:
		if row["reached_at"] and row["reached_at"].date() >= since:
			row["state"] = reached
		elif row["call_guardian"] or row["text_guardian"] or row["mail_guardian"]:
			row["state"] = not_reached
		else:
			row["state"] = unreachable
		row["why"] = reasons.get(row["why"], "")
		row["reached_by"] = ways.get(row["reached_by"], "")


def message(since: date, rows: list) -> str:
	parts = [_("Reached and answered since {0}.").format(format_date(since))]
	if counted := counting.counted_at():
		parts.append(_("Consent and numbers as of {0}.").format(format_datetime(counted)))
	else:
		counting.count_soon()
		parts.append(_("The first count is under way. Look again in a few minutes."))
	if not rows:
		parts.append(_("No student matches. Clear a filter, or show all students."))
	if len(rows) > students.MOST:
		parts.append(_("The first {0} are shown.").format(students.MOST))
	if figures.visible(readable=True):
		parts.append(_("Students whose records you may not read are left out."))
	return " ".join(parts)


def summary(whole: Figures) -> list[dict]:
	return [
		figure(_("Students"), whole.students),
		figure(_("Reached %"), percent(whole.reached, whole.students) or 0, "Green", "Percent"),
		figure(_("Not reached"), whole.not_reached, "Orange"),
		figure(_("Cannot be reached"), whole.unreachable, "Red" if whole.unreachable else "Green"),
		figure(_("Answered"), whole.answered),
	]
