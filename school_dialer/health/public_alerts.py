"""Check of the feeds of public alerts."""

import frappe
from frappe import _

from school_dialer.health.finding import OK, WARN, Finding

DOCTYPE = "Dialer Alert Feed"


def feeds() -> Finding:
	"""Check whether each feed of public alerts is read. Names the reason of the first that is not."""
	stopped = problems({"enabled": 0, "stopped_at": ("is", "set")})
	failing = problems({"enabled": 1, "problem": ("is", "set")})
	figures = {"alert_feeds_stopped": len(stopped), "alert_feeds_failing": len(failing)}
	if stopped:
		text = _("A feed of public alerts is not asked any more: {0} Correct it, and enable it again.")
		return Finding("alert_feeds", WARN, text.format(stopped[0]), figures)
	if failing:
		text = _("A feed of public alerts has a problem: {0} Open it under Public Alert Feeds.")
		return Finding("alert_feeds", WARN, text.format(failing[0]), figures)
	if not frappe.db.count(DOCTYPE, {"enabled": 1}):
		return Finding("alert_feeds", OK, _("No public alerts are read."), figures)
	return Finding("alert_feeds", OK, _("The feeds of public alerts are read."), figures)


def problems(which: dict) -> list[str]:
	return frappe.get_all(DOCTYPE, which, pluck="problem", order_by="name")
