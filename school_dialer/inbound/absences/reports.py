"""Write absence reports, withdraw them, and settle them. Every change of a report happens here.

A report about today is saved while no call about the student is being sent (hook `dialer_absence_reported`),
so that none leaves afterwards.
"""

import secrets
from dataclasses import dataclass
from datetime import date, time, timedelta

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.bounds import plain_text
from school_dialer.base.database.rows import insert, stamp
from school_dialer.base.phone import mask
from school_dialer.base.refusal import throw
from school_dialer.inbound.absences import leave
from school_dialer.inbound.absences.kinds import (
	APPROVED,
	LATE,
	NOT_SAID,
	REJECTED,
	REPORTED,
	STANDING,
	WITHDRAWN,
)
from school_dialer.inbound.conversations import office_hours
from school_dialer.schools import belonging, zones

DOCTYPE = "Dialer Absence Report"
MOST_WORDS = 500
"""Characters kept of a reason in a guardian's own words."""
DAYS_AHEAD, MOST_DAYS = 14, 10
LATE_AFTER = timedelta(hours=1)
"""How late a student is expected whose guardian gave no time, after the report or the office's opening."""


class BadDays(frappe.ValidationError):
	"""The days cannot be reported. The message says why."""


@dataclass(frozen=True, slots=True)
class New:
	"""What is reported: one student, the first and the last day (of its school), and by whom.

	`source` identifies the report at its sender: it is kept once. `expected` is when a student who
	comes late arrives, by the clock of its school. `channel`, `kind` and `reason` are those of `kinds`. The
	guardian and the number are empty if staff enter it.
	"""

	student: str
	student_name: str
	kind: str
	first: date
	last: date
	channel: str
	source: str
	reason: str = NOT_SAID
	words: str = ""
	expected: time | None = None
	phone: str = ""
	guardian: str = ""
	guardian_name: str = ""
	conversation: str | None = None


def over() -> str:
	"""Return SQL for the reports that an erasure may clear: they stand no more, or their days are over."""
	return f"(to_day < '{zones.days_now()[0]}' or status in ('{REJECTED}', '{WITHDRAWN}'))"


def check_days(first: date, last: date, school: str | None = None) -> None:
	"""Raise `BadDays` unless these days may be reported now, at this school."""
	today, limits = zones.today(school), frappe.get_cached_doc("Dialer Settings")
	ahead, most = (limits.get(field) for field in ("absence_days_ahead", "absence_most_days"))
	ahead, most = DAYS_AHEAD if ahead is None else ahead, most or MOST_DAYS
	if last < first:
		throw(_("The last day is before the first."), BadDays)
	if first < today:
		throw(_("Only today and later days can be reported."), BadDays)
	if (first - today).days > ahead:
		throw(_("The first day is too far ahead: at most {0} days.").format(ahead), BadDays)
	if (last - first).days >= most:
		throw(_("These are too many days: at most {0}.").format(most), BadDays)


def file(new: New) -> str:
	"""Write a report and return its name, or that of the report with the same source.

	The same absence, reported again from the same number, stays one report. Raises `BadDays`. The caller
	holds the lock of the number, and commits.
	"""
	check_days(new.first, new.last, belonging.of_student(new.student))
	if earlier := frappe.db.get_value(DOCTYPE, {"source": new.source}) or twin_of(new):
		return earlier
	name = secrets.token_hex(8)
	insert(DOCTYPE, [{"name": name, **stamp(clock.db_now()), **row_of(new)}])
	if new.kind != LATE:
		frappe.db.set_value(DOCTYPE, name, leave.make(new), update_modified=False)
	announce(new.student, new.first, new.last)
	return name


def row_of(new: New) -> dict:
	return {
		"student": new.student,
		"student_name": new.student_name,
		"kind": new.kind,
		"status": REPORTED,
		"from_day": new.first,
		"to_day": new.last,
		"expected_at": (new.expected or expected_by_default(new.first, new.student))
		if new.kind == LATE
		else None,
		"reason": new.reason,
		"reason_words": plain_text.line(new.words)[:MOST_WORDS] or None,
		"channel": new.channel,
		"person_name": new.guardian_name or None,
		"person_doctype": "Guardian" if new.guardian else None,
		"person": new.guardian or None,
		"phone": new.phone or None,
		"phone_masked": mask(new.phone) if new.phone else None,
		"reported_at": clock.db_now(),
		"conversation": new.conversation,
		"source": new.source[:140],
	}


def expected_by_default(day: date, student: str = "") -> time:
	"""Return when a late student is expected whose guardian gave no time, by the clock of their school."""
	office = office_hours.read(belonging.of_student(student))
	at = office.local(max(clock.db_now(), office.opening(day)) + LATE_AFTER)
	return at.time().replace(microsecond=0) if at.date() == day else time(23, 59)


def twin_of(new: New) -> str | None:
	"""Return a standing report from this number about the same student, kind and days."""
	same = {"student": new.student, "kind": new.kind, "from_day": new.first, "to_day": new.last}
	if not new.phone or new.kind == LATE:
		return None
	return frappe.db.get_value(DOCTYPE, {**same, "phone": new.phone, "status": ("in", STANDING)})


def announce(student: str, first: date, last: date) -> None:
	"""Let calls about the student be reconsidered, if the report is about today."""
	if zones.include_today(first, last):
		for path in frappe.get_hooks("dialer_absence_reported"):
			frappe.get_attr(path)(student)


def after_rename(doc, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Let the reports about this student name the record as it is called now (doc_events)."""
	frappe.db.set_value(DOCTYPE, {"student": old}, "student", new, update_modified=False)


def locked(name: str) -> frappe._dict | None:
	"""Return a report, locked until the commit, or None."""
	rows = frappe.db.sql(
		"""select name, student, student_name, kind, status, from_day, to_day, expected_at, phone, channel,
			leave_application, conversation
		from `tabDialer Absence Report` where name = %s for update""",
		name,
		as_dict=True,
	)
	return rows[0] if rows else None


def withdraw(name: str, by: str) -> bool:
	"""Withdraw a standing report, with its leave. Return False if it does not stand any more.

	The absence rule may call again from now on. The caller commits.
	"""
	return end_report(name, WITHDRAWN, by)


def reject(name: str, by: str) -> bool:
	"""End a standing report that the office does not accept, like `withdraw`."""
	return end_report(name, REJECTED, by)


def end_report(name: str, status: str, by: str) -> bool:
	report = locked(name)
	if not report or report.status not in STANDING:
		return False
	values = {"status": status, "ended_at": clock.db_now(), "ended_by": by}
	frappe.db.set_value(DOCTYPE, name, values)
	if report.leave_application:
		frappe.db.set_value(DOCTYPE, name, "leave_problem", leave.take_back(report.leave_application))
	return True


def approve(name: str) -> bool:
	"""Approve a report, with its leave. Return False if it does not wait for approval.

	The caller commits.
	"""
	report = locked(name)
	if not report or report.status != REPORTED:
		return False
	frappe.db.set_value(DOCTYPE, name, "status", APPROVED)
	if report.leave_application:
		frappe.db.set_value(DOCTYPE, name, "leave_problem", leave.submit(report.leave_application))
	announce(report.student, report.from_day, report.to_day)
	return True


def standing_from(phone: str) -> list[frappe._dict]:
	"""Return the standing reports from this number (E.164) of today and later, the first day first."""
	return frappe.get_all(
		DOCTYPE,
		{"phone": phone, "status": ("in", STANDING), "to_day": (">=", zones.days_now()[0])},
		["name", "student", "student_name", "kind", "from_day", "to_day", "expected_at", "status", "reason"],
		order_by="from_day, student_name, name",
	)
