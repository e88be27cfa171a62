"""How far a drive is: answers by school, class and language, waves, letters, and the lift in coverage."""

import json

import frappe

from school_dialer.base import grade_order
from school_dialer.base.jobs import is_held
from school_dialer.consent_drive.by_phone import campaigns
from school_dialer.consent_drive.pages import LETTERS
from school_dialer.consent_drive.planning import AGREED, ANSWERED, ASKED, DECLINED, OPTED_OUT, WAITING
from school_dialer.consent_drive.scope import DOCTYPE

STATES = (WAITING, ASKED, ANSWERED, DECLINED, OPTED_OUT, AGREED)
BY = {"school": "school", "group": "student_group", "language": "language"}
MOST = 300
"""Rows of a table on the form."""


def lock_of(name: str) -> str:
	return f"consent drive {name}"


def progress_of(name: str) -> dict:
	"""Return state, families by state in `total` and `by`, `waves`, `letters`, `campaigns`, `coverage`, and
	`running`.

	Runs a fixed number of queries, whatever the number of families.
	"""
	fields = ["state", "coverage_at_start", "coverage_now", "counted_at", "message", "planned_at"]
	drive = frappe.db.get_value(DOCTYPE, name, fields, as_dict=True)
	waves = frappe.get_all(
		"Dialer Consent Wave",
		{"parent": name, "parenttype": DOCTYPE},
		["idx", "days", "way", "state", "made_at", "families", "not_reached"],
		order_by="idx",
	)
	counts = counted(name)
	return {
		"state": drive.state,
		"message": drive.message,
		"running": is_held(lock_of(name)),
		"total": summed(counts, lambda row: "")[0] if counts else {"key": "", "families": 0},
		"by": {
			kind: summed(counts, lambda row, field=field: row[field] or "")[:MOST]
			for kind, field in BY.items()
		},
		"waves": waves,
		"letters": letters_of(name),
		"campaigns": campaigns.shown(name),
		"coverage": {
			"start": json.loads(drive.coverage_at_start or "{}"),
			"now": json.loads(drive.coverage_now or "{}"),
			"counted_at": drive.counted_at,
		},
	}


def counted(name: str) -> list[frappe._dict]:
	return frappe.db.sql(
		"""select school, student_group, language, state, count(*) families from `tabDialer Consent Family`
		where drive = %s group by school, student_group, language, state""",
		(name,),
		as_dict=True,
	)


def summed(counts: list[frappe._dict], key) -> list[dict]:
	"""Return {"key", "families", state: number ...} for each key, in the order of grades."""
	by_key: dict[str, dict] = {}
	for count in counts:
		row = by_key.setdefault(key(count), {"key": key(count), "families": 0, **dict.fromkeys(STATES, 0)})
		row[count.state] += count.families
		row["families"] += count.families
	return [by_key[each] for each in sorted(by_key, key=grade_order.place)]


def letters_of(name: str) -> list[frappe._dict]:
	"""Return the batches of letters that the user may see."""
	rows = frappe.get_list(
		LETTERS,
		{"drive": name},
		["name", "wave", "school", "student_group", "families", "format", "state", "file"],
		order_by="wave, school, student_group, name",
		limit=MOST,
	)
	return sorted(
		rows, key=lambda row: (row.wave, row.school or "", grade_order.place(row.student_group), row.name)
	)
