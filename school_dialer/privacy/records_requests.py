"""Reminders for the Compliance Officers.

They cover requests to inspect records, which by law are due within 45 days (34 CFR 99.10(b)), and privacy
choices that an update carried over and that an officer has not confirmed yet.
"""

from datetime import timedelta

import frappe
from frappe import _

from school_dialer.base import clock, roles
from school_dialer.base.jobs import job
from school_dialer.consent.replies import reviews
from school_dialer.schools import staff

DOCTYPE = "Dialer Records Request"
REMIND_AHEAD = timedelta(days=10)


@job
def daily() -> None:
	"""Scheduled job: remind the Compliance Officers of open requests.

	Each request due within ten days is reported once, and each late one daily.
	"""
	today = clock.db_now().date()
	for name, due_on in due_requests(today):
		subject = _("A request for student records must be answered by {0}.")
		if due_on < today:
			subject = _("The answer to a request for student records is late. It was due on {0}.")
		staff.alarm(roles.OFFICER, subject.format(frappe.utils.format_date(due_on)), DOCTYPE, name)
		frappe.db.set_value(DOCTYPE, name, "reminded_on", today, update_modified=False)
	if waiting := frappe.db.count(reviews.DOCTYPE, {"reason": reviews.CONFIRM, "status": "Open"}):
		staff.alarm(
			roles.OFFICER, _("Privacy choices that wait for you to confirm them: {0}").format(waiting)
		)
	frappe.db.commit()


def due_requests(today) -> tuple:
	"""Return (name, due_on) of open requests without a reminder, and of late ones without one today."""
	return frappe.db.sql(
		"""select name, due_on from `tabDialer Records Request`
		where status = 'Open' and due_on is not null and due_on <= %(ahead)s
		and (reminded_on is null or (due_on < %(today)s and reminded_on < %(today)s)) order by due_on,
			name""",
		{"today": today, "ahead": today + REMIND_AHEAD},
	)
