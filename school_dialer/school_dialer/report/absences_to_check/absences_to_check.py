"""What does not fit together on a day: reports, attendance, and calls. For users who may read the student."""

from collections import Counter

import frappe
from frappe import _
from frappe.utils import getdate

from school_dialer.audience import student_access
from school_dialer.reporting import absence_check
from school_dialer.reporting.absence_check import Discrepancy
from school_dialer.reporting.table import above, column, figure
from school_dialer.schools import zones

ATTENDANCE = "Student Attendance"


def execute(filters: dict | None = None) -> tuple[list, list, str | None, dict | None, list]:
	filters = frappe._dict(filters or {})
	day = getdate(filters.day) if filters.day else zones.today_of_user()
	problems = visible(absence_check.discrepancies_on(day))
	names = student_access.visible_names({problem.student for problem in problems})
	rows = [shown(problem, names) for problem in problems if filters.problem in (None, "", problem.kind)]
	counts = Counter(problem.kind for problem in problems)
	summary = [
		figure(title(kind), counts[kind], "Red" if counts[kind] else "Green") for kind in absence_check.KINDS
	]
	empty = _("Nothing needs checking on this day. Choose another day, or clear a filter.")
	return columns(), rows, above(rows, empty), None, summary


def visible(problems: list[Discrepancy]) -> list[Discrepancy]:
	"""Return those about students whom the user may read, with their attendance."""
	records = [ATTENDANCE] if frappe.db.exists("DocType", ATTENDANCE, cache=True) else []
	allowed = student_access.readable({problem.student for problem in problems}, records)
	return [problem for problem in problems if problem.student in allowed]


def columns() -> list[dict]:
	return [
		column("problem", _("Problem"), "Data", 260),
		column("student_name", _("Student"), "Data", 180),
		column("detail", _("What is known"), "Data", 340),
		column("at", _("Time"), "Datetime", 180),
		column("report", _("Absence Report"), "Link", 140, options="Dialer Absence Report"),
		column("attendance", _("Attendance"), "Link", 200, options=ATTENDANCE)
		if frappe.db.exists("DocType", ATTENDANCE, cache=True)
		else column("attendance", _("Attendance"), "Data", 160),
		column("campaign", _("Campaign"), "Link", 140, options="Dialer Campaign"),
		column("student", _("Student Record"), "Data", 190),
	]


def shown(row: Discrepancy, names: dict[str, str]) -> dict:
	return {
		"kind": row.kind,
		"problem": title(row.kind),
		"student_name": names.get(row.student, row.student),
		"detail": row.detail,
		"at": row.at,
		"report": row.report,
		"attendance": row.attendance,
		"campaign": row.campaign,
		"student": row.student,
	}


def title(kind: str) -> str:
	return {
		absence_check.UNAWARE: _("Did not know"),
		absence_check.PRESENT: _("Reported absent, marked present"),
		absence_check.LATE_ABSENT: _("Marked absent, reported late"),
		absence_check.SEEN: _("Marked absent, seen at school"),
		absence_check.UNREACHED: _("No one reached"),
		absence_check.KNEW: _("Knew, but no report"),
	}[kind]
