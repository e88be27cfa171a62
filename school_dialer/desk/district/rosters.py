"""Rosters from the Desk: check a file, start an import, see how far it is."""

import frappe
from frappe import _

from school_dialer.base.refusal import throw
from school_dialer.base.roles import OFFICER, SYSTEM_MANAGER
from school_dialer.desk.support.access import may, only_for
from school_dialer.roster_import import imports
from school_dialer.roster_import.result_files import DOCTYPE
from school_dialer.schools import users

ROLES = (OFFICER, SYSTEM_MANAGER)


def check_access(permission: str, roster: str) -> None:
	"""Raise PermissionError unless the user may import rosters, which hold every school of the district."""
	only_for(ROLES)
	if users.of_user() is not None:
		throw(_("A roster concerns every school of the district."), frappe.PermissionError)
	may(permission, DOCTYPE, roster)


@frappe.whitelist(methods=["POST"])
def check(roster: str) -> None:
	"""Check the file of an import in the background. Writes nothing into Education."""
	check_access("write", roster)
	imports.ask_check(roster)


@frappe.whitelist(methods=["POST"])
def start(roster: str, confirmed: int = 0) -> None:
	"""Start the import. `confirmed`: the number that was typed, where so many changes are unusual."""
	check_access("write", roster)
	imports.start(roster, confirmed)


@frappe.whitelist(methods=["GET"])
def progress(roster: str) -> dict:
	"""Return `state`, `done` and `total` records, and whether a job is `running`."""
	check_access("read", roster)
	state = frappe.db.get_value(DOCTYPE, roster, ["state", "done", "total"], as_dict=True)
	return {**state, "running": imports.running()}
