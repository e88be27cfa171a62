"""Look-ups that begin by themselves, one run a month, if the school switched this on in Dialer Settings."""

import frappe
from frappe.utils import cint

from school_dialer.base import clock
from school_dialer.base.jobs import job
from school_dialer.continuity import watch
from school_dialer.lookups import config, runs


@job
def daily() -> None:
	"""Begin this month's run, or go on with it where a limit or the provider ended it (a scheduled job).

	The month is that of the site time zone. Does nothing in Safe mode, while a run works, when a limit is
	reached, or after a person stopped the run. Calls and texts no one. Commits.
	"""
	if not frappe.get_cached_doc("Dialer Settings").lookup_monthly or config.missing():
		return
	if watch.stands_still() or runs.running() or not config.budget().numbers_left:
		return
	month = f"{clock.db_now():%Y-%m}"
	run = frappe.db.get_value(runs.DOCTYPE, {"month": month}, ["name", "state"], as_dict=True)
	if run and run.state in (runs.DONE, runs.STOPPED):
		return
	name = run.name if run else created(month)
	frappe.db.commit()
	try:
		runs.start(name)
	except frappe.ValidationError as error:
		frappe.db.rollback()
		runs.ended(name, str(error))
	frappe.db.commit()


def created(month: str) -> str:
	"""Add the month's run. Return its name."""
	days = cint(frappe.get_cached_doc("Dialer Settings").lookup_monthly_days)
	name = frappe.get_doc({"doctype": runs.DOCTYPE, "older_than_days": days}).insert().name
	frappe.db.set_value(runs.DOCTYPE, name, "month", month)
	return name
