"""Conditions on students from the Education app: groups, programs, attendance, fees.

Each is one subquery, however many students there are.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, ClassVar

import frappe
from frappe import _
from frappe.utils import fmt_money

from school_dialer.audience.columns import existing
from school_dialer.audience.filters.condition import (
	RecordCondition,
	Sql,
	Written,
	listed,
	on_site,
	refuse,
	shown_day,
	with_name,
)

STUDENT = "Student"
LONGEST_PERIOD = timedelta(days=366)
MOST_MONEY = 1_000_000_000


class OfStudents(RecordCondition):
	needs: ClassVar[tuple[str, ...]] = ()
	"""Required DocTypes besides Student."""

	@classmethod
	def offered(cls, subjects: Mapping[str, str]) -> bool:
		return STUDENT in subjects and on_site(*cls.needs)

	@property
	def about(self) -> str:
		return STUDENT


@dataclass(frozen=True)
class Members(OfStudents):
	"""Students in any of these groups."""

	names: tuple[str, ...]

	@classmethod
	def read(cls, written: Written, subjects: Mapping[str, str]) -> "Members":
		return cls(written.names("names"))

	def as_json(self) -> dict[str, Any]:
		return {"names": list(self.names)}

	def records(self) -> dict[str, tuple[str, ...]]:
		return {self.kind: self.names}

	def renamed(self, doctype: str, old: str, new: str) -> "Members":
		return replace(self, names=with_name(self.names, old, new)) if doctype == self.kind else self

	def sql(self, subject: str, key: str, day: date) -> Sql:
		return f"{subject}.name in ({self.members(key)})", {f"{key}_names": self.names}

	@abstractmethod
	def members(self, key: str) -> str:
		"""Return a query for the names of the students of %(<key>_names)s."""


class StudentGroups(Members):
	kind = "Student Group"
	needs = ("Student Group", "Student Group Student")
	reads = ("Student Group",)

	def members(self, key: str) -> str:
		return f"""select member.student from `tabStudent Group Student` member
			where member.parent in %({key}_names)s
			and member.parenttype = 'Student Group' and member.active = 1"""

	def words(self) -> str:
		return _("students of {0}").format(listed(self.names))


class Programs(Members):
	kind = "Program"
	needs = reads = ("Program", "Program Enrollment")

	def members(self, key: str) -> str:
		return f"""select enrolment.student from `tabProgram Enrollment` enrolment
			where enrolment.program in %({key}_names)s and enrolment.docstatus = 1 and (%({key}_year)s is null
				or enrolment.academic_year = %({key}_year)s)"""

	def sql(self, subject: str, key: str, day: date) -> Sql:
		condition, values = super().sql(subject, key, day)
		return condition, {**values, f"{key}_year": current_academic_year()}

	def words(self) -> str:
		return _("students enrolled this year in {0}").format(listed(self.names))


def current_academic_year() -> str | None:
	if on_site("Education Settings"):
		return frappe.db.get_single_value("Education Settings", "current_academic_year")


@dataclass(frozen=True)
class Attendance(OfStudents):
	"""Students with this attendance status on at least this many days.

	The days are the last `days` including today, or those from `first` to `last`.
	"""

	kind = "Attendance"
	needs = reads = ("Student Attendance",)
	changes = True
	status: str
	at_least: int
	days: int | None = None
	first: date | None = None
	last: date | None = None

	@classmethod
	def read(cls, written: Written, subjects: Mapping[str, str]) -> "Attendance":
		status, at_least = written.text("status", attendance_statuses()), written.integer("at_least", 1, 366)
		if written.has("days"):
			return cls(status, at_least, days=written.integer("days", 1, LONGEST_PERIOD.days))
		first, last = written.day("from"), written.day("to")
		if not timedelta() <= last - first <= LONGEST_PERIOD:
			refuse(_("Attendance is looked at from one day to a later one, at most a year."))
		return cls(status, at_least, first=first, last=last)

	def as_json(self) -> dict[str, Any]:
		period = {"days": self.days} if self.days else {"from": str(self.first), "to": str(self.last)}
		return {"status": self.status, "at_least": self.at_least, **period}

	def fields(self) -> list[tuple[str, str]]:
		return [("Student Attendance", "status"), ("Student Attendance", "date")]

	def sql(self, subject: str, key: str, day: date) -> Sql:
		first, last = (day - timedelta(days=self.days - 1), day) if self.days else (self.first, self.last)
		return (
			f"""{subject}.name in (select attendance.student from `tabStudent Attendance` attendance
			where attendance.docstatus = 1 and attendance.status = %({key}_status)s
			and attendance.date between %({key}_first)s and %({key}_last)s
			group by attendance.student having count(distinct attendance.date) >= %({key}_least)s)""",
			{
				f"{key}_status": self.status,
				f"{key}_first": first,
				f"{key}_last": last,
				f"{key}_least": self.at_least,
			},
		)

	def words(self) -> str:
		if self.days:
			period = _("in the last {0} days").format(self.days) if self.days > 1 else _("today")
		else:
			period = _("between {0} and {1}").format(shown_day(self.first), shown_day(self.last))
		times = _("on {0} days or more").format(self.at_least) if self.at_least > 1 else ""
		return " ".join(filter(None, (_("students marked {0}").format(_(self.status)), times, period)))


def attendance_statuses() -> list[str]:
	field = frappe.get_meta("Student Attendance").get_field("status")
	return [option for option in (field.options or "").split("\n") if option] if field else []


@dataclass(frozen=True)
class Fees(OfStudents):
	"""Students who owe more than this amount, in one currency.

	Counts all submitted fees or only overdue ones.
	"""

	kind = "Fees"
	needs = reads = ("Fees",)
	changes = True
	overdue: bool
	over: float

	@classmethod
	def offered(cls, subjects: Mapping[str, str]) -> bool:
		return super().offered(subjects) and len(existing(("outstanding_amount", "due_date"), "Fees")) == 2

	@classmethod
	def read(cls, written: Written, subjects: Mapping[str, str]) -> "Fees":
		return cls(written.yes_or_no("overdue"), written.number("over", 0, MOST_MONEY))

	def as_json(self) -> dict[str, Any]:
		return {"overdue": self.overdue, "over": self.over}

	def fields(self) -> list[tuple[str, str]]:
		return [("Fees", "outstanding_amount"), ("Fees", "due_date")]

	def sql(self, subject: str, key: str, day: date) -> Sql:
		late = f" and fees.due_date < %({key}_day)s" if self.overdue else ""
		each = ", fees.currency" if existing(("currency",), "Fees") else ""
		return (
			f"""{subject}.name in (select fees.student from `tabFees` fees
			where fees.docstatus = 1 and fees.outstanding_amount > 0{late}
			group by fees.student{each} having sum(fees.outstanding_amount) > %({key}_over)s)""",
			{f"{key}_over": self.over, f"{key}_day": day},
		)

	def words(self) -> str:
		owed = _("overdue fees") if self.overdue else _("fees due")
		if not self.over:
			return _("students with {0}").format(owed)
		return _("students with {0} of more than {1}").format(owed, fmt_money(self.over))
