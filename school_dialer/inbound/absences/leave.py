"""A report in Education: a Student Leave Application, as far as this site has one.

Its fields are looked up, never assumed. If a leave cannot be made, the report counts alone and says why.
"""

from collections.abc import Callable

import frappe
from frappe import _
from frappe.utils import getdate, strip_html

from school_dialer.audience.columns import existing
from school_dialer.base import clock
from school_dialer.base.without_permission import change_leave, delete_for_good, write_leave
from school_dialer.inbound.absences.kinds import APPROVED, REJECTED, REPORTED, STANDING

LEAVE, REPORT = "Student Leave Application", "Dialer Absence Report"
DRAFT, SUBMITTED, NONE = "Draft", "Submitted", "None"
NEEDED = ("student", "from_date", "to_date")
FLAG = "dialer_changes_leave"
"""Set while this app itself changes a leave, so that the leave's events change no report."""


def wanted() -> str:
	"""Return what the school has chosen: a draft, a submitted leave, or none."""
	return frappe.get_cached_doc("Dialer Settings").get("absence_leave") or DRAFT


def is_there() -> bool:
	return bool(frappe.db.exists("DocType", LEAVE, cache=True))


def make(new) -> dict:
	"""Make the leave for a `reports.New`. Return the fields of the report that follow from it."""
	if wanted() == NONE or not is_there():
		return {"leave_problem": None}
	if len(existing(NEEDED, LEAVE)) < len(NEEDED):
		return {"leave_problem": _("Education's leave has other fields than this app knows.")}
	if leave := overlapping(new):
		return {"leave_problem": _("Leave {0} covers these days already.").format(leave)}
	made = {}

	def write() -> None:
		made["name"] = write_leave(values_of(new))
		if wanted() == SUBMITTED:
			change_leave(frappe.get_doc(LEAVE, made["name"]), "submit")

	problem = attempted(write)
	if problem:
		return {"leave_problem": problem}
	status = APPROVED if wanted() == SUBMITTED else REPORTED
	return {"leave_application": made["name"], "leave_problem": None, "status": status}


def overlapping(new) -> str | None:
	rows = frappe.db.sql(
		"""select name from `tabStudent Leave Application` where student = %s and docstatus < 2
		and from_date <= %s and to_date >= %s limit 1""",
		(new.student, new.last, new.first),
	)
	return rows[0][0] if rows else None


def values_of(new) -> dict:
	values = {
		"doctype": LEAVE,
		"student": new.student,
		"from_date": new.first,
		"to_date": new.last,
		"reason": ": ".join(filter(None, (_(new.reason), new.words))) if new.reason else new.words,
		"attendance_based_on": "Student Group",
		"student_group": group_of(new.student),
	}
	fields = existing([name for name in values if name != "doctype"], LEAVE)
	return {"doctype": LEAVE, **{name: values[name] for name in fields if values[name]}}


def group_of(student: str) -> str | None:
	"""Return an active group of the student, of which Education takes the attendance."""
	if not frappe.db.exists("DocType", "Student Group Student", cache=True):
		return None
	of_student = {"student": student, "active": 1, "parenttype": "Student Group"}
	rows = frappe.get_all("Student Group Student", of_student, pluck="parent", order_by="creation desc")
	return rows[0] if rows else None


def submit(name: str) -> str | None:
	"""Submit a draft. Return why it could not be submitted, or None."""
	if not (is_there() and frappe.db.get_value(LEAVE, name, "docstatus") == 0):
		return None
	return attempted(lambda: change_leave(frappe.get_doc(LEAVE, name), "submit"))


def take_back(name: str) -> str | None:
	"""Delete a draft, or cancel a submitted leave. Return why that was not possible, or None."""
	docstatus = is_there() and frappe.db.get_value(LEAVE, name, "docstatus")
	if docstatus == 0:
		return attempted(lambda: delete_for_good(LEAVE, name))
	return attempted(lambda: change_leave(frappe.get_doc(LEAVE, name), "cancel")) if docstatus == 1 else None


def attempted(work: Callable[[], None]) -> str | None:
	"""Do the work on a leave, or none of it. Return what Education said against it, or None."""
	frappe.db.savepoint("absence_leave")
	frappe.flags[FLAG] = True
	try:
		work()
	except (frappe.ValidationError, frappe.PermissionError) as error:
		frappe.db.rollback(save_point="absence_leave")
		frappe.clear_messages()
		return strip_html(str(error))[:500] or type(error).__name__
	finally:
		frappe.flags[FLAG] = False
	return None


def on_submit(doc, method: str | None = None) -> None:
	"""Approve the report of a leave that staff submit, for the leave's days (doc_events)."""
	days = {"from_day": getdate(doc.from_date), "to_day": getdate(doc.to_date)}
	settle(doc, (REPORTED,), {"status": APPROVED, **days})


def on_cancel(doc, method: str | None = None) -> None:
	"""Reject the report of a leave that staff cancel or delete (doc_events)."""
	ended = {"ended_at": clock.db_now(), "ended_by": frappe.session.user}
	settle(doc, STANDING, {"status": REJECTED, **ended})


def settle(doc, statuses: tuple[str, ...], values: dict) -> None:
	if frappe.flags.get(FLAG):
		return
	of_leave = {"leave_application": doc.name, "status": ("in", statuses)}
	for name in frappe.get_all(REPORT, of_leave, pluck="name", order_by="name"):
		frappe.db.set_value(REPORT, name, values)
