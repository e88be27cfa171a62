"""What teachers see of their own messages: how many families were reached, and of which of their students.

No number, and not why a family was not reached: an opt-out, a missing consent and a busy line look the same,
and while calls go on, all of them look as if they waited.
"""

import json

import frappe

from school_dialer.base import states
from school_dialer.campaigns.teachers import groups

CAMPAIGN = "Dialer Campaign"
SHOWN = 50
REASON_SHOWN = (states.CANCELLED, states.PAUSED)
"""Their `status_message` is a person's or this app's own sentence. Others may quote the audience."""


def messages_of(teacher: str) -> list[dict]:
	"""Return the teacher's latest messages with their counts, newest first."""
	rows = frappe.get_all(
		CAMPAIGN,
		{"teacher": teacher},
		[
			*("name", "title", "status", "status_message", "channel", "template", "details"),
			*("audience_name", "requested_at", "scheduled_at", "approved_at", "started_at", "ended_at"),
		],
		order_by="requested_at desc, creation desc",
		limit=SHOWN,
	)
	counts = counted([row.name for row in rows])
	for row in rows:
		if row.status not in REASON_SHOWN:
			row.status_message = None
		row.ended = row.status in states.ENDED
		row.families, row.reached = counts.get(row.name, (0, 0))
	return rows


def counted(campaigns: list[str]) -> dict[str, tuple[int, int]]:
	"""Return {campaign: (families, reached)} of those that have recipients, in one query."""
	if not campaigns:
		return {}
	rows = frappe.db.sql(
		"""select campaign, count(*), sum(status = %s) from `tabDialer Recipient`
		where campaign in %s and ifnull(fallback_of, '') = '' group by campaign""",
		(states.REACHED, tuple(campaigns)),
	)
	return {name: (families, int(reached)) for name, families, reached in rows}


def students_of(teacher: str, campaign: str) -> dict:
	"""Return `{"reached": names, "not_reached": names}` of the students whom the teacher teaches now.

	Empty for a group that is not the teacher's any more. Students who joined the group later are left out.
	"""
	row = frappe.db.get_value(CAMPAIGN, campaign, ["audience_name", "started_at", "creation"], as_dict=True)
	if not (row.started_at and groups.find(teacher, row.audience_name)):
		return {"reached": [], "not_reached": []}
	heard: set[str] = set()
	for (students,) in frappe.db.sql(
		"select students from `tabDialer Recipient` where campaign = %s and status = %s",
		(campaign, states.REACHED),
	):
		heard.update(json.loads(students or "[]"))
	members = groups.students(row.audience_name, row.creation)
	return {
		"reached": [name for student, name in members.items() if student in heard],
		"not_reached": [name for student, name in members.items() if student not in heard],
	}
