"""How a start goes, for the person who pressed the button: counts only, no family and no number."""

from datetime import timedelta

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.base.refusal import throw
from school_dialer.base.roles import APPROVER, MANAGERS
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.emergency_kit.second_person import ladder
from school_dialer.emergency_kit.starting import DOCTYPE
from school_dialer.schools import users

SHOWN, SINCE = 5, timedelta(hours=24)
FIELDS = ("name", "title", "kind", "drill", "school", "campaign", "started_by", "received_at")


def readable(name: str, user: str) -> frappe._dict:
	"""Return a start that the user may follow: the own one, or as a manager or approver of its school.

	Raise PermissionError for any other, whether it exists or not.
	"""
	row = name and frappe.db.get_value(DOCTYPE, name, FIELDS, as_dict=True)
	if row and (row.started_by == user or is_overseen(row, user)):
		return row
	throw(_("This was not started by you."), frappe.PermissionError)


def is_overseen(row, user: str) -> bool:
	overseeing = {*MANAGERS, APPROVER} & set(frappe.get_roles(user))
	return bool(overseeing) and users.may_act_for(row.school, user)


def start_progress(row) -> dict:
	"""Return what the page shows. Times are naive, in site time."""
	campaign = frappe.db.get_value(
		"Dialer Campaign", row.campaign, ["status", "status_message", "purpose"], as_dict=True
	) or frappe._dict(status=states.CANCELLED)
	counts = dict(
		frappe.db.sql(
			"""select status, count(*) from `tabDialer Recipient`
			where campaign = %s and fallback_of is null group by status""",
			row.campaign,
		)
	)
	return {
		"name": row.name,
		"title": row.title,
		"kind": row.kind,
		"drill": bool(row.drill),
		"received_at": str(row.received_at),
		"status": campaign.status,
		"message": campaign.status_message or ""
		if campaign.status in (states.PAUSED, states.CANCELLED)
		else "",
		"waits": campaign.status == states.AWAITING,
		"ended": campaign.status in states.ENDED,
		**(ladder.progress_of(row.name, row.school) if campaign.purpose == EMERGENCY else {}),
		"planned": sum(counts.values()),
		"reached": counts.get(states.REACHED, 0),
		"open": sum(counts.get(status, 0) for status in states.OPEN),
		"not_reached": counts.get(states.NOT_REACHED, 0),
		"not_called": counts.get(states.BLOCKED, 0) + counts.get(states.CANCELLED, 0),
	}


def recent(user: str) -> list[dict]:
	"""Return the user's starts of the last day, newest first."""
	rows = frappe.get_all(
		DOCTYPE,
		{"started_by": user, "received_at": (">", clock.to_db(clock.now() - SINCE))},
		list(FIELDS),
		order_by="received_at desc, creation desc",
		limit=SHOWN,
	)
	return [start_progress(row) for row in rows if row.campaign]
