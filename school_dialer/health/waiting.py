"""Checks of what waits or came late: status callbacks, texts that answer a person, and texts from people."""

from datetime import timedelta

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.health.finding import OK, WARN, Finding, ago, graded
from school_dialer.outbound.attempts import callback_queue

REPORT_LATE, REPORT_TOO_LATE = timedelta(minutes=2), timedelta(minutes=10)
NOTICE_LATE, NOTICE_TOO_LATE = timedelta(minutes=2), timedelta(minutes=5)
"""An opt-out is confirmed within five minutes or not at all (47 CFR 64.1200(a)(12))."""
LATELY = timedelta(days=1)


def carrier_reports() -> Finding:
	"""Check the list that `attempts.callback_queue` works through."""
	cache = frappe.cache()
	count, first = cache.llen(callback_queue.LIST), cache.lrange(callback_queue.LIST, 0, 0)
	if not first:
		return Finding(
			"callbacks", OK, _("No report of the carrier waits."), {"callbacks": 0, "callbacks_seconds": 0}
		)
	try:
		age = clock.now() - callback_queue.from_json(first[0])[1].at
	except (ValueError, TypeError, KeyError):
		text = _(
			"A report of the carrier cannot be read. It is left out when the others are applied, and the "
			"Error Log says so."
		)
		return Finding("callbacks", WARN, text, {"callbacks": count})
	state = graded(age.total_seconds(), REPORT_LATE.total_seconds(), REPORT_TOO_LATE.total_seconds())
	text = _("Reports of the carrier that wait: {0}, the oldest for {1}.").format(count, ago(age))
	if state != OK:
		text += " " + _("They are applied each minute by the scheduler: look at it, and at the Error Log.")
	return Finding("callbacks", state, text, {"callbacks": count, "callbacks_seconds": age.total_seconds()})


def notices() -> Finding:
	count, first = frappe.db.sql(
		"select count(*), min(creation) from `tabDialer Notice` where status = 'Waiting'"
	)[0]
	if not count:
		return Finding("notices", OK, _("No confirmation text waits."), {"notices": 0, "notices_seconds": 0})
	age = clock.now() - clock.from_db(first)
	state = graded(age.total_seconds(), NOTICE_LATE.total_seconds(), NOTICE_TOO_LATE.total_seconds())
	text = _("Confirmation texts that wait: {0}, the oldest for {1}.").format(count, ago(age))
	if state != OK:
		text += " " + _("Look at the workers of the queue short and at the carrier.")
	return Finding("notices", state, text, {"notices": count, "notices_seconds": age.total_seconds()})


def late_texts() -> Finding:
	"""Check whether texts arrived in the last day while the site did not answer the carrier."""
	count, slowest = frappe.db.sql(
		"""select count(*), max(timestampdiff(second, placed_at, ended_at)) from `tabDialer Call Log`
		where direction = 'Inbound' and channel = 'Text' and error_message is not null and ended_at > %s""",
		clock.to_db(clock.now() - LATELY),
	)[0]
	if not count:
		return Finding("late_texts", OK, _("No text of a family came late."), {"late_texts": 0})
	text = _(
		"This site did not answer the carrier when {0} texts of families arrived. They were read from the "
		"carrier's list, up to {1} later. Look at the web server's log: something restarted or blocked it."
	).format(count, ago(timedelta(seconds=slowest or 0)))
	return Finding("late_texts", WARN, text, {"late_texts": count})
