"""API of Dialer Absence Report: settle a report, and enter one that a family gave to the office.

A report is for users who may read its student (`privacy.student_rows`).
"""

import secrets
from datetime import date

import frappe
from frappe import _
from frappe.utils import get_time, getdate

from school_dialer.base import roles
from school_dialer.base.refusal import throw
from school_dialer.desk.support import access
from school_dialer.inbound.absences import kinds, leave, reports

SETTLE = {
	kinds.APPROVED: lambda name: reports.approve(name),
	kinds.REJECTED: lambda name: reports.reject(name, by=frappe.session.user),
	kinds.WITHDRAWN: lambda name: reports.withdraw(name, by=frappe.session.user),
}
A_MINUTE = 60


@frappe.whitelist(methods=["POST"])
def settle(name: str, status: str) -> None:
	"""Approve, reject or withdraw a report, with its leave in Education.

	Only a user who may submit the leave approves it. Raises ValidationError if the report does not stand any
	more.
	"""
	access.only_for(roles.AGENTS)
	access.get_record(reports.DOCTYPE, name).check_permission("read")
	if status not in SETTLE:
		throw(_("A report is approved, rejected or withdrawn."))
	if status == kinds.APPROVED and frappe.db.get_value(reports.DOCTYPE, name, "leave_application"):
		access.may("submit", leave.LEAVE)
	if not SETTLE[status](name):
		throw(_("This report has been settled already."))


@frappe.whitelist(methods=["POST"])
def enter(
	student: str,
	kind: str,
	first_day: str,
	last_day: str | None = None,
	expected_at: str | None = None,
	reason_given: str = kinds.NOT_SAID,
	words: str = "",
) -> str:
	"""Enter a report that a family gave to the office, and return its name.

	Days are dates in ISO form. Raises ValidationError if they cannot be reported.
	"""
	access.only_for(roles.AGENTS)
	access.not_too_often("absence report", A_MINUTE)
	if not frappe.db.exists("DocType", "Student", cache=True):
		throw(_("This site has no students."))
	doc = access.get_record("Student", student)
	access.may("read", "Student", doc.name)
	if kind not in kinds.KINDS or reason_given not in kinds.REASONS:
		throw(_("Choose what is reported, and why."))
	first = day_of(first_day)
	return reports.file(
		reports.New(
			student=doc.name,
			student_name=doc.get("student_name") or doc.name,
			kind=kind,
			first=first,
			last=day_of(last_day) if last_day and kind == kinds.ABSENCE else first,
			channel=kinds.OFFICE,
			source=f"Office:{secrets.token_hex(8)}",
			reason=reason_given,
			words=words,
			expected=get_time(expected_at) if expected_at and kind == kinds.LATE else None,
		)
	)


def day_of(text: str) -> date:
	try:
		return getdate(text[:10])
	except ValueError:
		throw(_("This is not a date."))
