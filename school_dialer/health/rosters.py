"""Check of the nightly import of rosters."""

from datetime import timedelta

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.health.finding import OK, WARN, Finding, ago
from school_dialer.roster_import import folder, imports
from school_dialer.roster_import.result_files import DOCTYPE

NO_FILE = timedelta(days=3)
"""Longer than a weekend: a school's system that exports each night has stopped."""


def nightly_import() -> Finding:
	"""Check whether the last nightly import went through, and whether new files still arrive."""
	if not folder.on():
		return Finding("rosters", OK, _("No roster is imported at night."))
	last = frappe.get_all(DOCTYPE, {"nightly": 1}, ["state", "creation"], order_by="creation desc", limit=1)
	if not last:
		return Finding("rosters", WARN, _("No nightly roster has arrived yet in private/rosters."))
	age = clock.now() - clock.from_db(last[0].creation)
	figures = {"roster_seconds": age.total_seconds()}
	if last[0].state == imports.FAILED:
		text = _("The last nightly roster was not imported. Open it under Rosters: it says why.")
		return Finding("rosters", WARN, text, figures)
	if last[0].state == imports.STOPPED:
		text = _(
			"The last nightly roster changes unusually much and waits for a person. Open it under Rosters."
		)
		return Finding("rosters", WARN, text, figures)
	if age > NO_FILE:
		text = _("No new roster has arrived for {0}. Look at the system that exports it.").format(ago(age))
		return Finding("rosters", WARN, text, figures)
	return Finding("rosters", OK, _("The last nightly roster came {0} ago.").format(ago(age)), figures)
