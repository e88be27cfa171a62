"""What came of a staff safety poll: who needs help, who did not answer, who was not reached, who is safe.

Staff who need help come with their number, for the person who has to phone them. The others have none here.
Of several people with one number, who answered is not known: each is listed, and none of them as safe.
"""

from collections.abc import Iterable

import frappe
from frappe import _

from school_dialer.base import states
from school_dialer.base.refusal import throw
from school_dialer.campaigns.parties import rows as parties

HELP, SILENT, UNREACHED, SHARED, SAFE = GROUPS = ("help", "silent", "unreached", "shared", "safe")
KIND = "Staff safety"
SAFE_KEY, HELP_KEY = 1, 2
ANSWERS = 2
MOST = 2000


def groups_of(campaign: str) -> dict:
	"""Return {group: [{name, at, number, waiting, several}]}, each in the order of names, and `more` if there
	are more.

	`number` is E.164 for those who need help, "" for others. `waiting`: they are still being called.
	`several`: how many people have this number, if one of them answered and it is not known who; 0 if not.
	"""
	rows = frappe.db.sql(
		"""select recipient.name, recipient.person_name, recipient.phone, recipient.status, answer.answer,
			answer.answered_at
		from `tabDialer Recipient` recipient
		left join `tabDialer Answer` answer on answer.recipient = recipient.name
		where recipient.campaign = %s and recipient.fallback_of is null
		order by recipient.person_name, recipient.name limit %s""",
		(campaign, MOST + 1),
		as_dict=True,
	)
	groups: dict = {group: [] for group in GROUPS}
	rows_of, _strange = parties.read([row.name for row in rows[:MOST]])
	for row in rows[:MOST]:
		names = names_of(row, rows_of.get(row.name, ()))
		group = group_of(row, len(names))
		about = {
			"at": str(row.answered_at or ""),
			"number": row.phone if group == HELP else "",
			"waiting": group == UNREACHED and row.status in states.OPEN,
			"several": len(names) if len(names) > 1 and row.answered_at else 0,
		}
		groups[group] += [{"name": name, **about} for name in names]
	for people in groups.values():
		people.sort(key=lambda person: person["name"].casefold())
	return groups | {"more": len(rows) > MOST}


def names_of(row, rows: Iterable) -> list[str]:
	"""Return the names of all people with the number of a recipient. `rows` are its parties."""
	named = {(row.person_doctype, row.person): row.person_name or "" for row in rows}
	return [*named.values()] or [row.person_name or ""]


def group_of(row, people: int) -> str:
	if row.answer == HELP_KEY:
		return HELP
	if row.answer == SAFE_KEY:
		return SAFE if people == 1 else SHARED
	return SILENT if row.status == states.REACHED else UNREACHED


def refuse_unless_safety(start) -> None:
	if start.kind != KIND or start.drill:
		throw(_("This is no safety poll of the staff."))
