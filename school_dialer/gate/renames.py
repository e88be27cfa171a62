"""Open recipients name people as their records are called now, under a new seal.

Frappe renames the person of a recipient. Its students and its parties it does not see: without this the gate
would find no such student, and call no one.
"""

import json
from collections.abc import Callable

import frappe

from school_dialer.base import states
from school_dialer.base.database.rows import update_each
from school_dialer.gate import planned

STUDENT = "Student"
COLUMNS = ", ".join(("name", "seal", *planned.FIELDS))


def after_rename(doc, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Let the recipients of unended campaigns name this record as it is called now (doc_events).

	What has no valid seal stays as it is, and is not called.
	"""
	unended = {"status": ("not in", states.ENDED)}
	campaigns = tuple(frappe.get_all("Dialer Campaign", unended, pluck="name", order_by="name"))
	if not campaigns:
		return
	seal_of, changes = planned.signer(), {}
	for row in recipients_naming(campaigns, doc.doctype, old, new):
		before = planned_as(row, doc.doctype, old, new, seal_of)
		if before:
			students = replace_student(row.students, old, new) if doc.doctype == STUDENT else row.students
			later = {"person": row.person, "students": students}
			changes[row.name] = {**later, "seal": seal_of({**before, **later})}
	update_each("Dialer Recipient", changes)
	rename_parties(campaigns, doc.doctype, old, new)


def rename_parties(campaigns: tuple[str, ...], doctype: str, old: str, new: str) -> None:
	"""Write the new name in the parties of these campaigns.

	A party that the other record of a merge has as well becomes one with it. If either was informed, the one
	that stays was.
	"""
	rows, _others = planned.divided(
		frappe.db.sql(
			f"""select *, {planned.OF_PARTY} from `tabDialer Party` where campaign in %(campaigns)s and (
				(person_doctype = %(doctype)s and person = %(old)s)
				or (%(is_student)s and student = %(old)s)) order by name for update""",
			{"campaigns": campaigns, "doctype": doctype, "old": old, "is_student": doctype == STUDENT},
			as_dict=True,
		),
		planned.PARTY,
	)
	if not rows:
		return
	seal_of = planned.signer(planned.PARTY)
	frappe.db.delete("Dialer Party", {"name": ("in", [row.name for row in rows])})
	planned.write_parties([planned.party(party_as(row, doctype, old, new), seal_of) for row in rows])


def party_as(row: frappe._dict, doctype: str, old: str, new: str) -> dict[str, str | None]:
	later = {field: value for field, value in row.items() if field != "seal"}
	if (row.person_doctype, row.person) == (doctype, old):
		later["person"] = new
	if doctype == STUDENT and row.student == old:
		later["student"] = new
	return later


def recipients_naming(campaigns: tuple[str, ...], doctype: str, old: str, new: str) -> list[frappe._dict]:
	"""Return the open recipients that name the record, locked until the commit.

	Their person has the new name already, which after a merge may be another recipient's all along.
	"""
	return frappe.db.sql(
		f"""select {COLUMNS} from `tabDialer Recipient`
		where campaign in %(campaigns)s and status in %(open)s and (
			(person_doctype = %(doctype)s and person = %(new)s)
			or (%(is_student)s and instr(students, %(student)s))) order by name for update""",
		{
			"campaigns": campaigns,
			"open": states.OPEN,
			"doctype": doctype,
			"new": new,
			"student": json.dumps(old),
			"is_student": doctype == STUDENT,
		},
		as_dict=True,
	)


def planned_as(
	row: frappe._dict, doctype: str, old: str, new: str, seal_of: Callable[[dict], str]
) -> dict | None:
	"""Return the row as it was when it was sealed: with the old name of its person, or as it is."""
	names = [old, row.person] if (row.person_doctype, row.person) == (doctype, new) else [row.person]
	for name in names:
		before = {**row, "person": name}
		if planned.seal_is_valid(seal_of, before):
			return before
	return None


def replace_student(students: str | None, old: str, new: str) -> str:
	"""Return a list of students, as JSON, with the new name in place of the old one, each once."""
	names = json.loads(students or "[]")
	return json.dumps(list(dict.fromkeys(new if name == old else name for name in names)))
