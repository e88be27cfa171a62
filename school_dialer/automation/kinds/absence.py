"""A student is absent today and the school does not know why: no leave, and no guardian's report."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import frappe
from frappe import _
from frappe.utils import cint

from school_dialer.audience.columns import existing
from school_dialer.automation.kind import Found, Kind, Trigger, of_students
from school_dialer.base import clock
from school_dialer.base.counted import counted
from school_dialer.inbound.absences import standing
from school_dialer.inbound.absences.standing import Excuse
from school_dialer.schools import zones


class Absence(Kind):
	"""A submitted absence without an approved leave, which no guardian reported.

	All periods and groups of one day are one absence.
	"""

	label = "Absence"
	purposes = ("Attendance",)
	needs = ("Student Attendance", "Student", "Student Guardian")
	settings = ("grace_minutes", "again_for_siblings", "unapproved_reports")
	continuous = True
	gone = "The absence was corrected."
	same_for_all_rules = True

	def opening(self) -> str:
		words = _("When {0} is marked absent without approved leave or a guardian's report").format(
			self.who()
		)
		minutes = self.rule.grace_minutes or 0
		wait = (
			counted(minutes, _("wait one minute, then"), _("wait {0} minutes, then"))
			if minutes
			else _("at once")
		)
		return f"{words}, {wait}"

	def mass(self) -> str:
		return _("students are absent")

	def population(self, days: Sequence[date]) -> int:
		"""Count the students whose attendance was taken.

		Early in the day, a whole class marked absent by mistake is everyone counted so far.
		"""
		condition, values = of_students(self.members())
		return frappe.db.sql(
			"select count(distinct student) from `tabStudent Attendance` "
			"where date in %(days)s and docstatus = 1" + condition,
			{"days": tuple(days), **values},
		)[0][0]

	def last_day(self, before: date) -> date | None:
		condition, values = of_students(self.members())
		return frappe.db.sql(
			"select max(date) from `tabStudent Attendance` "
			"where date < %(before)s and docstatus = 1" + condition,
			{"before": before, **values},
		)[0][0]

	def find(self, days: Sequence[date], students: Collection[str] | None = None) -> Found:
		absences = read_absences(days, students)
		absent = {row.student for row in absences}
		reports = standing.reports_covering(days, absent)
		zone_of = zones.of_students(reports)
		leaves = read_leaves(days, absent, standing.of_ended(reports.values()))
		by_day = defaultdict(list)
		for row in absences:
			by_day[row.student, row.date].append(row)
		triggers = Found()
		for (student, day), rows in by_day.items():
			unexcused = [row for row in rows if row.docstatus == 1 and not excused(row, leaves[student])]
			reported = self.reported(reports[student], day, zone_of(student))
			if not unexcused:
				triggers.others[student] = why_not(rows)
			elif reported.holds:
				triggers.others[student] = _("The guardian reported it.")
			else:
				since = since_when(unexcused, reported)
				names = tuple(sorted(row.name for row in unexcused))
				triggers.occasions.append(
					Trigger(f"{student}:{day}", student, since, "", "Student Attendance", names)
				)
		return triggers

	def reported(self, reports: list, day: date, zone: ZoneInfo) -> Excuse:
		unapproved = self.rule.get("unapproved_reports")
		counts = True if unapproved is None else bool(cint(unapproved))
		return standing.excuse(reports, day, clock.db_now(), zone, unapproved=counts)


def since_when(unexcused: list, reported: Excuse) -> datetime:
	"""Return when the absence became one to call about: marked, or not excused by a report any more."""
	marked = clock.from_db(min(row.modified for row in unexcused)) + clock.offset()
	return max(marked, clock.from_db(reported.since)) if reported.since else marked


def read_absences(days: Sequence[date], students: Collection[str] | None) -> list[frappe._dict]:
	"""Return the absences of these days, including drafts and canceled ones."""
	further = existing(("leave_application", "course_schedule"), "Student Attendance")
	condition, values = of_students(students)
	return frappe.db.sql(
		"select "
		+ ", ".join(("name", "student", "date", "docstatus", "modified", *further))
		+ " from `tabStudent Attendance` where date in %(days)s and status = 'Absent'"
		+ condition,
		{"days": tuple(days), **values},
		as_dict=True,
	)


def read_leaves(
	days: Sequence[date], students: Collection[str], besides: Collection[str] = ()
) -> dict[str, list[frappe._dict]]:
	"""Return the approved leaves that overlap these days, by student.

	`besides` are leaves that do not count: those of reports that were withdrawn or rejected.
	"""
	leaves = defaultdict(list)
	if not students or not frappe.db.exists("DocType", "Student Leave Application", cache=True):
		return leaves
	further = existing(("attendance_based_on", "course_schedule"), "Student Leave Application")
	rows = frappe.db.sql(
		"select "
		+ ", ".join(("name", "student", "from_date", "to_date", *further))
		+ """ from `tabStudent Leave Application` where docstatus = 1 and student in %(students)s
		and from_date <= %(last)s and to_date >= %(first)s""",
		{"students": tuple(students), "first": min(days), "last": max(days)},
		as_dict=True,
	)
	for row in rows:
		if row.name not in besides:
			leaves[row.student].append(row)
	return leaves


def excused(absence, leaves: list) -> bool:
	return any(covers(leave, absence) for leave in leaves)


def covers(leave, absence) -> bool:
	"""Return whether a leave covers an absence. A leave from one lesson excuses from that lesson only."""
	if not leave.from_date <= absence.date <= leave.to_date:
		return False
	if leave.attendance_based_on == "Course Schedule" and leave.course_schedule:
		return leave.course_schedule == absence.course_schedule
	return True


def why_not(rows: list) -> str:
	states = {row.docstatus for row in rows}
	if 1 in states:
		return _("Leave is approved.")
	if 0 in states:
		return _("The attendance is not submitted.")
	return _("The absence was corrected.")
