"""An absence is corrected or reported, or a leave approved, while a call about it may already be on the way.

The dispatcher holds the students' locks from its last check of the record until the last request of its chunk
was answered. A correction takes the same locks until it is saved. So a correction is saved either before that
check or after the request, never in between.
"""

import frappe
from frappe.utils import getdate

from school_dialer.base import states
from school_dialer.consent.lock import number_lock
from school_dialer.outbound.attempts import revocation
from school_dialer.schools import zones

LOCK_SECONDS = 30
"""Seconds. Longer than a chunk of requests takes, even with the slowest response."""


def on_attendance(doc, method: str | None = None) -> None:
	"""Handle doc_events of Student Attendance: canceled, or changed after submission."""
	day = getdate(doc.date)
	if zones.include_today(day, day):
		reconsider(doc.student)


def on_leave(doc, method: str | None = None) -> None:
	"""Handle doc_events of Student Leave Application: submitted, canceled, or changed after submission."""
	if zones.include_today(getdate(doc.from_date), getdate(doc.to_date)):
		reconsider(doc.student)


def on_report(student: str) -> None:
	"""Handle a guardian's report about today (hook `dialer_absence_reported`)."""
	reconsider(student)


def reconsider(student: str) -> None:
	"""Take back the calls about this student whose reason has gone.

	Recipients still waiting need nothing here: they are checked again before they are called. Of a campaign
	of this day that is completed, staff may still phone families, and the rule may call again.
	"""
	if not frappe.db.exists("Dialer Rule", {"name": ("is", "set")}):
		return
	with number_lock([student], timeout=LOCK_SECONDS):
		rows = frappe.db.sql(
			"""select distinct campaign.name from `tabDialer Rule Case` case_
			join `tabDialer Campaign` campaign on campaign.name = case_.campaign
			where case_.student = %s and case_.status = 'In Campaign'
			and (campaign.status in %s or (campaign.status = %s and case_.day >= %s))""",
			(student, states.APPROVED, states.COMPLETED, zones.days_now()[0]),
		)
		for (campaign,) in rows:
			revocation.reason_gone(campaign, student)
