"""Look-ups of numbers from the Desk: what a run would cost, start it, stop it, see how far it is."""

import frappe
from frappe import _

from school_dialer.base.refusal import throw
from school_dialer.base.roles import OFFICER, SYSTEM_MANAGER
from school_dialer.desk.support import access
from school_dialer.lookups import runs
from school_dialer.lookups.runs import DOCTYPE
from school_dialer.schools import users

ROLES = (OFFICER, SYSTEM_MANAGER)
MOST_DAYS = 36_500


def check_access(permission: str, run: str | None = None) -> None:
	"""Raise PermissionError unless the user may look up numbers, which are those of every school."""
	access.only_for(ROLES)
	if users.of_user() is not None:
		throw(_("Look-ups concern every school of the district."), frappe.PermissionError)
	access.may(permission, DOCTYPE, run)


@frappe.whitelist(methods=["GET"])
def estimate(older_than_days: int = 0) -> dict:
	"""Return how many numbers a run would ask about and what it would cost. Asks no one.

	`numbers` and `cost` of all that wait, `numbers_now` and `cost_now` within the limits, the `price` of one,
	what is `left`, the `currency`, and what Dialer Settings are `missing`.
	"""
	check_access("read")
	if not 0 <= older_than_days <= MOST_DAYS:
		throw(_("A number of days is between 0 and {0}.").format(MOST_DAYS))
	return runs.estimate(older_than_days)


@frappe.whitelist(methods=["POST"])
def start(run: str) -> None:
	"""Start a run, or go on with one that ended early, in the background."""
	check_access("write", run)
	runs.start(run)


@frappe.whitelist(methods=["POST"])
def stop(run: str) -> None:
	"""Stop a run after the numbers that it is asking about."""
	check_access("write", run)
	runs.stop(run)


@frappe.whitelist(methods=["GET"])
def progress(run: str) -> dict:
	"""Return `state`, `done` and `total` numbers, and whether a job is `running`."""
	check_access("read", run)
	state = frappe.db.get_value(DOCTYPE, run, ["state", "done", "total"], as_dict=True)
	return {**state, "running": runs.running()}
