"""What came of a staff safety poll: who needs help, who did not answer, who was not reached, who is safe.

Staff who need help come with their number, for the person who has to phone them. The others have none here.
"""

import frappe
from frappe import _

from school_dialer import states
from school_dialer.refusal import throw

HELP, SILENT, UNREACHED, SAFE = GROUPS = ("help", "silent", "unreached", "safe")
KIND = "Staff safety"
SAFE_KEY, HELP_KEY = 1, 2
ANSWERS = 2
MOST = 2000


def groups_of(campaign: str) -> dict:
	"""Return {group: [{name, at, number, waiting}]}, each in the order of names; `more` if there are more.

	`number` is E.164 for those who need help, "" for others. `waiting`: they are still being called.
	"""
	rows = frappe.db.sql(
		"""select recipient.person_name, recipient.phone, recipient.status, answer.answer, answer.answered_at
		from `tabDialer Recipient` recipient
		left join `tabDialer Answer` answer on answer.recipient = recipient.name
		where recipient.campaign = %s and recipient.fallback_of is null
		order by recipient.person_name, recipient.name limit %s""",
		(campaign, MOST + 1),
		as_dict=True,
	)
	found: dict = {group: [] for group in GROUPS}
	for row in rows[:MOST]:
		group = group_of(row)
		found[group].append(
			{
				"name": row.person_name or "",
				"at": str(row.answered_at or ""),
				"number": row.phone if group == HELP else "",
				"waiting": group == UNREACHED and row.status in states.OPEN,
			}
		)
	return found | {"more": len(rows) > MOST}


def group_of(row) -> str:
	if row.answer in (SAFE_KEY, HELP_KEY):
		return SAFE if row.answer == SAFE_KEY else HELP
	return SILENT if row.status == states.REACHED else UNREACHED


def refuse_unless_safety(start) -> None:
	if start.kind != KIND or start.drill:
		throw(_("This is no safety poll of the staff."))
