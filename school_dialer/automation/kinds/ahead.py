"""What is on the calendar for one of the next days: an exam, a class or a school event."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import ClassVar

import frappe
from frappe import _
from frappe.utils import cint

from school_dialer.automation.kind import Found, Kind, Trigger, of_students
from school_dialer.automation.kinds.fees import at_time
from school_dialer.base.counted import counted
from school_dialer.base.refusal import throw
from school_dialer.messages import campaign_details
from school_dialer.schools import registry


class Ahead(Kind):
	"""What a student group's plan holds for its active members."""

	doctype: ClassVar[str]
	condition: ClassVar[str]
	"""Which plans count, as SQL on ``plan`` with the values that `find` passes."""
	settings = ("days", "run_at", "on_holiday", "holiday_list", "weekends", "only_in_term")
	same_for_all_rules = True

	def once(self) -> str:
		return _("once for each of them")

	def dates(self, days: Sequence[date]) -> tuple[date, ...]:
		return tuple(day + timedelta(days=cint(self.rule.days) or 1) for day in days)

	def find(self, days: Sequence[date], students: Collection[str] | None = None) -> Found:
		condition, values = of_students(students, "member.student")
		rows = frappe.db.sql(
			"select plan.name, member.student from `tab"
			+ self.doctype
			+ """` plan join `tabStudent Group Student` member
			on member.parent = plan.student_group and member.parenttype = 'Student Group' and member.active =
			1
			where plan.schedule_date in %(dates)s and """
			+ self.condition
			+ condition
			+ " order by plan.name, member.student",
			{"dates": self.dates(days), "course": self.rule.only_course, **values},
		)
		return Found(
			[
				Trigger(f"{name}:{student}"[:140], student, record_doctype=self.doctype, records=(name,))
				for name, student in rows
			]
		)


class ExamAhead(Ahead):
	label = "Exam ahead"
	purposes = ("Academic", "Event")
	needs = (
		"Assessment Plan.schedule_date",
		"Assessment Plan.student_group",
		"Student Group Student",
		"Student Guardian",
	)
	doctype, condition = "Assessment Plan", "plan.docstatus = 1"
	gone = "The exam was cancelled or moved."

	def opening(self) -> str:
		return _("{0}, when an exam is planned {1} ahead,").format(at_time(self.rule), in_days(self.rule))

	def mass(self) -> str:
		return _("students have an exam")


class ClassAhead(Ahead):
	label = "Class ahead"
	purposes = ("Event", "Academic", "General")
	needs = (
		"Course Schedule.schedule_date",
		"Course Schedule.student_group",
		"Student Group Student",
		"Student Guardian",
	)
	settings = (*Ahead.settings, "only_course")
	doctype, condition = "Course Schedule", "plan.course = %(course)s"
	gone = "The class was cancelled or moved."

	def opening(self) -> str:
		return _("{0}, when {1} is on the schedule {2} ahead,").format(
			at_time(self.rule), self.rule.only_course or _("a class"), in_days(self.rule)
		)

	def mass(self) -> str:
		return _("students have such a class")

	def check(self) -> None:
		if not frappe.db.exists("Course", self.rule.only_course or ""):
			throw(_("Name the course. Otherwise every class of every day would be called about."))


class EventAhead(Kind):
	"""A public event in Frappe's own calendar. Its subject and time become the message's details."""

	label = "Event ahead"
	purposes = ("Event", "General")
	needs = ("Event",)
	settings = ("days", "run_at", "on_holiday", "holiday_list", "weekends", "only_in_term")
	audience = True

	def opening(self) -> str:
		return _("{0}, for each public event in the calendar {1} ahead,").format(
			at_time(self.rule), in_days(self.rule)
		)

	def once(self) -> str:
		return _("once for each event")

	def find(self, days: Sequence[date], students: Collection[str] | None = None) -> Found:
		triggers = Found()
		for day in days:
			ahead = day + timedelta(days=cint(self.rule.days) or 1)
			rows = frappe.get_all(
				"Event",
				filters={
					"event_type": "Public",
					"status": "Open",
					"starts_on": (
						"between",
						(datetime.combine(ahead, time.min), datetime.combine(ahead, time.max)),
					),
				},
				fields=["name", "subject", "starts_on"],
				order_by="starts_on, name",
			)
			for row in rows:
				details = campaign_details.of_event(
					row.subject, row.starts_on, registry.language(self.rule.get("school")) or "en"
				)
				trigger = Trigger(row.name, details=details, record_doctype="Event", records=(row.name,))
				triggers.occasions.append(trigger)
		return triggers

	def details_in(self, key: str, language: str) -> str:
		"""Return the event as the school named it, with its day and time in this language."""
		row = frappe.db.get_value("Event", key, ["subject", "starts_on"], as_dict=True)
		return campaign_details.of_event(row.subject, row.starts_on, language) if row else ""


def in_days(rule) -> str:
	return counted(cint(rule.days) or 1, _("one day"), _("{0} days"))
