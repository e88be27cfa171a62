"""Recipients name people as their records are called now, under a new seal.

Frappe renames the person of a recipient. Its students and its parties it does not see: without this the gate
would find no such student, and call no one. Campaigns that have ended follow too: their families may still be
phoned, tried again, or called to correct the message.
"""

import json
from collections.abc import Callable

import frappe

from school_dialer.base import states
from school_dialer.base.database.rows import update_each
from school_dialer.gate import planned

STUDENT, GUARDIAN = "Student", "Guardian"
COLUMNS = ", ".join(("name", "seal", *planned.FIELDS))


def after_rename(doc, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Let the recipients of campaigns name this record as it is called now (doc_events).

	What has no valid seal stays as it is, and is not called.
	"""
	unended, ended = campaigns()
	if not (unended or ended):
		return
	names = recipients_of_record(unended, ended, doc.doctype, old, new)
	seal_of, changes = planned.signer(), {}
	for row in locked(names):
		before = planned_as(row, doc.doctype, old, new, seal_of)
		if before:
			students = replace_student(row.students, old, new) if doc.doctype == STUDENT else row.students
			later = {"person": row.person, "students": students}
			changes[row.name] = {**later, "seal": seal_of({**before, **later})}
	update_each("Dialer Recipient", changes)
	rename_parties(names, doc.doctype, old, new)


def campaigns() -> tuple[tuple[str, ...], tuple[str, ...]]:
	"""Return the campaigns that have not ended, and those that have."""
	unended, ended = (
		tuple(
			frappe.get_all(
				"Dialer Campaign", {"status": (which, states.ENDED)}, pluck="name", order_by="name"
			)
		)
		for which in ("not in", "in")
	)
	return unended, ended


def rename_parties(recipients: list[str], doctype: str, old: str, new: str) -> None:
	"""Write the new name in the parties of these recipients.

	A party that the other record of a merge has as well becomes one with it. If either was informed, the one
	that stays was.
	"""
	if not recipients:
		return
	# Locked: a call that ends at this moment writes its state into the same rows.
	rows, _others = planned.divided(
		frappe.db.sql(
			f"""select *, {planned.OF_PARTY} from `tabDialer Party` where parent in %(recipients)s and (
				(person_doctype = %(doctype)s and person = %(old)s)
				or (%(is_student)s and student = %(old)s)) order by name for update""",
			{"recipients": recipients, "doctype": doctype, "old": old, "is_student": doctype == STUDENT},
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


def recipients_of_record(
	unended: tuple[str, ...], ended: tuple[str, ...], doctype: str, old: str, new: str
) -> list[str]:
	"""Return the recipients that name the record, or have a party that does, in order.

	Their person has the new name already, which after a merge may be another recipient's all along. Of ended
	campaigns, whose rows are many, each way to them has an index: a guardian's lead over the students.
	"""
	values = {
		"unended": (*unended, ""),
		"all": (*unended, *ended),
		"open": states.OPEN,
		"doctype": doctype,
		"old": old,
		"new": new,
		"student": json.dumps(old),
		"students": (*students_of(doctype, old, new), ""),
	}
	ways = [
		"""select name from `tabDialer Recipient` where person = %(new)s and person_doctype = %(doctype)s
		and campaign in %(all)s""",
		"""select parent from `tabDialer Party` where campaign in %(all)s and student in %(students)s
		and student != ''""",
		"""select parent from `tabDialer Party` where campaign in %(unended)s
		and person_doctype = %(doctype)s and person = %(old)s""",
	]
	if doctype == STUDENT:
		ways.append(
			"""select name from `tabDialer Recipient` where campaign in %(unended)s and status in %(open)s
			and instr(students, %(student)s)"""
		)
	return sorted({name for way in ways for (name,) in frappe.db.sql(way, values)})


def students_of(doctype: str, old: str, new: str) -> list[str]:
	"""Return the students whose rows name the record: the student as before, or a guardian's children."""
	if doctype == STUDENT:
		return [old]
	if doctype != GUARDIAN or not frappe.db.exists("DocType", "Student Guardian", cache=True):
		return []
	links = {"guardian": new, "parenttype": STUDENT}
	return frappe.get_all("Student Guardian", links, pluck="parent", order_by="parent")


def locked(names: list[str]) -> list[frappe._dict]:
	"""Return these recipients, locked until the commit."""
	if not names:
		return []
	return frappe.db.sql(
		f"select {COLUMNS} from `tabDialer Recipient` where name in %s order by name for update",
		(names,),
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
