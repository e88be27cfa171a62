"""Alert staff when calls are due and nothing moves.

Staff who can act are notified once when an incident begins and once when it is over. The alert runs in a
worker, so without any worker it is silent. For that case an external monitor queries `doctor` or the metrics.
"""

from datetime import datetime

import frappe
from frappe import _

from school_dialer.base import clock, roles
from school_dialer.base.jobs import alone, job
from school_dialer.health.finding import ago
from school_dialer.health.movement import Backlog, backlog
from school_dialer.schools import staff

SINCE = "stalled_since"
"""Field of Dialer Settings, in site time: when the incident that staff were notified about began.

Empty when all is well.
"""


@job
def watch() -> None:
	"""Notify staff when an incident begins or ends (job of the scheduler, every minute).

	Notifications are committed before the mail is tried, so that mail that cannot go out does not suppress
	them.
	"""
	with alone("health-watch") as mine:
		alert = settle_incident(backlog()) if mine else None
		frappe.db.commit()
	if alert:
		mail(*alert)
		frappe.db.commit()


def settle_incident(due: Backlog) -> tuple[str, str] | None:
	"""Notify staff when an incident begins or ends; return the subject and advice for the mail, or None.

	The field is written in the same transaction, so each incident notifies once.
	"""
	at, began = clock.now(), since()
	stalled = due.stalled(at)
	if stalled == bool(began):
		return None
	remember(clock.to_db(due.since) if stalled else None)
	if stalled:
		subject = _("Calls are due and nothing moves. Waiting: {0}, the longest for {1}.").format(
			due.waiting, ago(due.age(at))
		)
		advice = _("Open Dialer Health: it says what is wrong and what to do.")
	else:
		text = _("Calls move again.") if due.since else _("No more calls are due.")
		subject = _("The dialer is well again. {0}").format(text)
		advice = _("Look at the campaign for calls that came too late.")
	users = concerned()
	# If all of them turned notifications off, all are notified anyway.
	staff.ring(staff.wanting(users, "enabled") or users, subject, None, None)
	return subject, advice


def concerned() -> set[str]:
	"""Return the users who can act on an incident."""
	return staff.with_roles("System Manager", roles.MANAGER)


def mail(subject: str, advice: str) -> None:
	"""E-mail the users who can act. The message holds only counts and ages."""
	staff.mail(concerned(), subject, message=f"<p>{subject}</p><p>{advice}</p>")


def since() -> datetime | None:
	"""Return when the known incident began, naive in site time, or None.

	Frappe's own method for reading a single value turns an empty date into the current time.
	"""
	rows = frappe.db.sql(
		"select value from `tabSingles` where doctype = 'Dialer Settings' and field = %s", SINCE
	)
	return frappe.utils.get_datetime(rows[0][0]) if rows and rows[0][0] else None


def remember(moment: datetime | None) -> None:
	frappe.db.set_single_value("Dialer Settings", SINCE, moment, update_modified=False)
	frappe.db.after_commit.add(lambda: frappe.clear_document_cache("Dialer Settings", "Dialer Settings"))


def keep_incident(doc) -> None:
	"""Keep the stored incident while Dialer Settings is saved, because the form may be older."""
	doc.set(SINCE, since())
