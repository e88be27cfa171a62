"""Calls are due and nothing moves: those who can act hear of it once, and once more when it is over.

It runs in a worker, so with no worker at all it says nothing: for that a monitor outside asks `doctor` or the metrics.
"""

from datetime import datetime

import frappe
from frappe import _

from school_dialer import clock, roles, staff
from school_dialer.health.finding import ago
from school_dialer.health.movement import Backlog, backlog
from school_dialer.jobs import alone, job

SINCE = "stalled_since"
"""Field of Dialer Settings, site time: when the incident began that staff heard of. Empty when all is well."""


@job
def watch() -> None:
	"""Job of the scheduler, each minute. The bells are rung before the mail is tried: mail that cannot go out must not keep them silent."""
	with alone("health-watch") as mine:
		news = settle_incident(backlog()) if mine else None
		frappe.db.commit()
	if news:
		mail(*news)
		frappe.db.commit()


def settle_incident(found: Backlog) -> tuple[str, str] | None:
	"""Ring the bells when an incident begins or ends; return its subject and advice for the mail. The field is written in the same transaction, so
	each incident rings once."""
	at, known = clock.now(), since()
	stalled = found.stalled(at)
	if stalled == bool(known):
		return None
	remember(clock.to_db(found.since) if stalled else None)
	if stalled:
		subject = _("Calls are due and nothing moves. Waiting: {0}, the longest for {1}.").format(
			found.waiting, ago(found.age(at))
		)
		advice = _("Open Dialer Health: it says what is wrong and what to do.")
	else:
		text = _("Calls move again.") if found.since else _("No call is due any more.")
		subject = _("The dialer is well again. {0}").format(text)
		advice = _("Look at the campaign for calls that came too late.")
	users = concerned()
	# Where all of them switched their bell off, all hear of it.
	staff.ring(staff.wanting(users, "enabled") or users, subject, None, None)
	return subject, advice


def concerned() -> set[str]:
	"""Those who can act."""
	return staff.with_roles("System Manager", roles.MANAGER)


def mail(subject: str, advice: str) -> None:
	"""Counts and ages only."""
	staff.mail(concerned(), subject, message=f"<p>{subject}</p><p>{advice}</p>")


def since() -> datetime | None:
	"""Site time. Frappe's own way to read a single value makes the present of a date that is empty."""
	rows = frappe.db.sql(
		"select value from `tabSingles` where doctype = 'Dialer Settings' and field = %s", SINCE
	)
	return frappe.utils.get_datetime(rows[0][0]) if rows and rows[0][0] else None


def remember(moment: datetime | None) -> None:
	frappe.db.set_single_value("Dialer Settings", SINCE, moment, update_modified=False)
	frappe.db.after_commit.add(lambda: frappe.clear_document_cache("Dialer Settings", "Dialer Settings"))


def keep_incident(doc) -> None:
	"""Part of saving Dialer Settings: the form may be older than the incident."""
	doc.set(SINCE, since())
