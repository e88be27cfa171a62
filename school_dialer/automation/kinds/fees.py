"""Bills that are due soon or were not paid on time. Each rule calls once about each bill."""

from abc import abstractmethod
from collections.abc import Collection, Sequence
from datetime import date, timedelta

import frappe
from frappe import _
from frappe.utils import cint

from school_dialer.automation.kind import Found, Kind, Trigger, of_students
from school_dialer.base.counted import counted


class FeesKind(Kind):
	purposes = ("Fees",)
	needs = ("Fees.due_date", "Fees.outstanding_amount", "Student", "Student Guardian")
	settings = ("days", "run_at", "on_holiday", "holiday_list", "weekends", "only_in_term")
	gone = "The fees were paid or cancelled."
	same_for_all_rules = True

	def once(self) -> str:
		return _("once for each bill")

	def mass(self) -> str:
		return _("students have such fees")

	@abstractmethod
	def due_between(self, days: Sequence[date]) -> tuple[date, date]:
		"""Return the first and the last due date of such bills."""

	def find(self, days: Sequence[date], students: Collection[str] | None = None) -> Found:
		first, last = self.due_between(days)
		condition, values = of_students(students)
		rows = frappe.db.sql(
			"select name, student, docstatus, outstanding_amount from `tabFees` "
			"where due_date between %(first)s and %(last)s" + condition + " order by due_date, name",
			{"first": first, "last": last, **values},
		)
		triggers, paid = Found(), {}
		for name, student, docstatus, outstanding in rows:
			if docstatus == 1 and outstanding > 0:
				triggers.occasions.append(Trigger(name, student, record_doctype="Fees", records=(name,)))
			else:
				paid[student] = (
					_("The fees are paid.") if docstatus == 1 else _("The fees are not submitted.")
				)
		owing = {trigger.student for trigger in triggers.occasions}
		triggers.others = {student: why for student, why in paid.items() if student not in owing}
		return triggers


class FeesDue(FeesKind):
	label = "Fees due"

	def opening(self) -> str:
		one, many = _("{1}, for fees due within a day,"), _("{1}, for fees due within {0} days,")
		return counted(cint(self.rule.days), one, many, at_time(self.rule))

	def due_between(self, days: Sequence[date]) -> tuple[date, date]:
		return min(days), max(days) + timedelta(days=cint(self.rule.days))


class FeesOverdue(FeesKind):
	label = "Fees overdue"
	LONGEST = timedelta(days=366)
	"""Older debts are for a person to talk about."""

	def opening(self) -> str:
		one, many = (
			_("{1}, for fees overdue by a day or more,"),
			_("{1}, for fees overdue by {0} days or more,"),
		)
		return counted(cint(self.rule.days) or 1, one, many, at_time(self.rule))

	def due_between(self, days: Sequence[date]) -> tuple[date, date]:
		last = max(days) - timedelta(days=cint(self.rule.days) or 1)
		return last - self.LONGEST, last


def at_time(rule) -> str:
	"""Return, in words, when a once-a-day rule looks."""
	clock = frappe.utils.format_time(rule.run_at, "HH:mm") if rule.run_at not in (None, "") else "--:--"
	words = _("Each day at {0}").format(clock) if rule.weekends else _("Each school day at {0}").format(clock)
	return words + (", " + _("for students of {0}").format(rule.only_of) if rule.only_of else "")
