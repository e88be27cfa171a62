"""An absence is corrected, or a leave approved, while its call may be on the way.

The dispatcher holds the students' locks from its last look at the record until the last request of its chunk was answered, and a
correction takes the same locks until it is saved. So a correction is saved either before that look or after the request, never
between.
"""

import frappe
from frappe.utils import getdate

from school_dialer import clock
from school_dialer.attempts import revocation
from school_dialer.consent.lock import number_lock

LOCK_SECONDS = 30
"""Longer than a chunk of requests takes, with the slowest answer."""


def on_attendance(doc, method: str | None = None) -> None:
	"""doc_events of Student Attendance: cancelled, or changed after it was submitted."""
	if getdate(doc.date) == clock.db_now().date():
		reconsider(doc.student)


def on_leave(doc, method: str | None = None) -> None:
	"""doc_events of Student Leave Application: submitted, cancelled, or changed after it was submitted."""
	if getdate(doc.from_date) <= clock.db_now().date() <= getdate(doc.to_date):
		reconsider(doc.student)


def reconsider(student: str) -> None:
	"""Take back the calls about this student whose reason has gone. What still waits is looked at again before it is called."""
	if not frappe.db.exists("Dialer Rule", {"name": ("is", "set")}):
		return
	with number_lock([student], timeout=LOCK_SECONDS):
		rows = frappe.db.sql(
			"""select distinct campaign.name from `tabDialer Rule Case` case_
			join `tabDialer Campaign` campaign on campaign.name = case_.campaign
			where case_.student = %s and case_.status = 'In Campaign' and campaign.status in %s""",
			(student, ("Preparing", "Running", "Paused")),
		)
		for (campaign,) in rows:
			revocation.reason_gone(campaign, student)
