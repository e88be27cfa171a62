"""Write the parties of recipients, and drop the JSON with the order of their numbers: it holds numbers.

They are written for those who are still to be called, and for all who have several numbers.
"""

import json
from collections.abc import Callable, Iterator

import frappe

from school_dialer.base import states
from school_dialer.campaigns.call_order import ContactPoint, line_of
from school_dialer.campaigns.parties import rows as parties
from school_dialer.campaigns.retries import READ
from school_dialer.gate import planned

CHUNK = 1000
OLD = "call_order"
WHO = ("phone", "person_doctype", "person", "person_name", "language")
"""The fields of a `ContactPoint` before its students."""


def execute() -> None:
	"""Write them a chunk at a time, each in one statement. Commits after each. Safe to run again."""
	if not frappe.db.sql("show columns from `tabDialer Recipient` like %s", OLD):
		return
	last, seal_of = "", planned.signer(planned.PARTY)
	while rows := chunk(last):
		planned.write_parties([party for row in rows for party in parties_of(row, seal_of)])
		frappe.db.commit()
		last = rows[-1].name
	frappe.db.sql_ddl(f"alter table `tabDialer Recipient` drop column `{OLD}`")


def chunk(after: str) -> list[frappe._dict]:
	return frappe.db.sql(
		"select "
		+ ", ".join((*READ, "status", OLD))
		+ f""" from `tabDialer Recipient` where name > %s and (status in %s or {OLD} > '')
		order by name limit %s""",
		(after, states.OPEN, CHUNK),
		as_dict=True,
	)


def parties_of(row: frappe._dict, seal_of: Callable) -> Iterator[dict]:
	"""Yield the rows of a recipient. Of one who was reached, those of its last call were informed."""
	current = line_of(frappe._dict(row, students=tuple(map(str, listed(row.students)))))
	lines = [current, *(line for line in order_of(row[OLD]) if line.phone != current.phone)]
	for party in parties.rows_of(row.campaign, row.name, ((line, None) for line in lines), seal_of):
		informed = row.status == states.REACHED and party["phone"] == current.phone
		yield {**party, "state": parties.INFORMED if informed else party["state"]}


def order_of(text: str | None) -> list[ContactPoint]:
	return [
		ContactPoint(*(line.get(field) or "" for field in WHO), tuple(map(str, line.get("students") or ())))
		for line in listed(text)
		if isinstance(line, dict) and line.get("phone")
	]


def listed(text: str | None) -> list:
	"""Return a list from JSON, or an empty one: what cannot be read must not stop the update of a site."""
	try:
		entries = json.loads(text or "[]")
	except ValueError:
		return []
	return entries if isinstance(entries, list) else []
