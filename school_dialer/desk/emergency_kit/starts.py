"""API of the page `dialer-emergency`. Each user who may start an item may use it."""

import frappe
from frappe.utils import cint

from school_dialer.base import roles
from school_dialer.base.database.transactions import retried
from school_dialer.campaigns.plausibility import questions
from school_dialer.campaigns.teachers import plain_details
from school_dialer.desk.support import access
from school_dialer.emergency_kit import offered as items
from school_dialer.emergency_kit import progress, safety, starting
from school_dialer.emergency_kit.drill import Unconfirmed
from school_dialer.emergency_kit.second_person import ladder

STARTS_A_MINUTE, LOOKS_A_MINUTE = 60, 240
MAY_OPEN = (roles.AGENT, roles.MANAGER, roles.APPROVER, roles.TEACHER)


@frappe.whitelist(methods=["GET"])
def offered() -> dict:
	"""Return `items` (see `emergency_kit.offered`), the user's `recent` starts, and the bounds of the page.

	`longest` is the length of details, `old_seconds` how long a request may wait in the phone.
	"""
	access.only_for(MAY_OPEN)
	access.not_too_often("emergency page", LOOKS_A_MINUTE)
	user = frappe.session.user
	return {
		"items": items.of_user(user),
		"recent": progress.recent(user),
		"longest": plain_details.LONGEST,
		"old_seconds": starting.OLD_SECONDS,
	}


@frappe.whitelist(methods=["POST"])
def start(
	item: str,
	key: str,
	waited: float = 0,
	details: str = "",
	drill: int = 0,
	agreed: str | list | None = None,
) -> dict:
	"""Start the item once for this key, and return what `state` returns.

	`waited`: seconds since the button was pressed. A repeated request gets the same answer. `drill`: a drill
	of it. For one that looks like a mistake, return `questions` (key and sentence) instead, and start nothing
	until all their keys are in `agreed`, a list or its JSON.
	"""
	access.only_for(MAY_OPEN)
	access.not_too_often("emergency start", STARTS_A_MINUTE)
	user = frappe.session.user
	starting.offered_to(item, user)
	asked = starting.StartRequest(
		item, key, waited, details, bool(cint(drill)), questions.read_agreed(agreed)
	)
	try:
		return retried(lambda: progress.start_progress(progress.readable(starting.start(asked, user), user)))
	except Unconfirmed as unconfirmed:
		frappe.db.rollback()
		return {"questions": unconfirmed.questions}


@frappe.whitelist(methods=["GET"])
def state(start: str) -> dict:
	"""Return how a start goes; see `emergency_kit.progress`. Has the next person asked if it is time."""
	access.only_for(MAY_OPEN)
	access.not_too_often("emergency state", LOOKS_A_MINUTE)
	row = progress.readable(start, frappe.session.user)
	ladder.nudge(row.name)
	return progress.start_progress(row)


@frappe.whitelist(methods=["GET"])
def groups(start: str) -> dict:
	"""Return the groups of a staff safety poll; see `emergency_kit.safety`.

	Only those who need help are shown with their numbers.
	"""
	access.only_for(MAY_OPEN)
	access.not_too_often("emergency state", LOOKS_A_MINUTE)
	row = progress.readable(start, frappe.session.user)
	safety.refuse_unless_safety(row)
	return safety.groups_of(row.campaign)
