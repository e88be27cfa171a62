"""Write one row of Dialer Reach for each current student: nightly from everything, hourly what changed.

Consent, numbers and language are as of the night. What was reached and answered since then is added each
hour. Only this module writes the rows.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

import frappe

from school_dialer.audience.guardians import GuardianSource
from school_dialer.base import clock
from school_dialer.base.database.rows import insert, stamp, update_each
from school_dialer.base.jobs import alone, job
from school_dialer.reporting.reach import contacts, heard

DOCTYPE = "Dialer Reach"
CHUNK = 1000
HORIZON = timedelta(days=400)
"""How far back a contact is looked for: a school year and its summer."""
AGAIN = timedelta(hours=26)
"""How far back the hourly job looks. A call's result may come a day late."""
LOCK = "reach"
HEARD = ("reached_at", "reached_by", "reached_doctype", "reached_person", "answered_at")
UPDATED = (
	" on duplicate key update "
	"program = values(program), language = values(language), guardians = values(guardians), "
	"family = values(family), why = values(why), "
	"call_guardian = values(call_guardian), text_guardian = values(text_guardian), "
	"mail_guardian = values(mail_guardian), consented = values(consented), "
	"reached_at = values(reached_at), reached_by = values(reached_by), "
	"reached_doctype = values(reached_doctype), reached_person = values(reached_person), "
	"answered_at = values(answered_at), counted_at = values(counted_at), "
	"modified = values(modified), modified_by = values(modified_by)"
)


@job
def nightly() -> None:
	"""Scheduled job: count every student, and drop the rows of those who left. Commits each chunk."""
	if not (guardians := contacts.source()):
		return
	with alone(LOCK) as got:
		if not got:
			return
		begun = clock.db_now()
		latest, after = heard.between(begun - HORIZON, clock.db_now() + heard.STEP), ""
		while students := page(after):
			count(students, latest, guardians)
			frappe.db.commit()
			after = students[-1]
		frappe.db.sql("delete from `tabDialer Reach` where counted_at < %s", begun)
		frappe.db.commit()


@job
def hourly() -> None:
	"""Scheduled job: add what was reached and answered since the night. Commits each chunk.

	Counts everything if that was never done.
	"""
	if not contacts.source():
		return
	if counted_at() is None:
		nightly()
		return
	with alone(LOCK) as got:
		if not got:
			return
		now = clock.db_now()
		latest = heard.between(now - AGAIN, now + heard.STEP)
		students = sorted({*latest.reached, *latest.answered})
		for start in range(0, len(students), CHUNK):
			add(students[start : start + CHUNK], latest)
			frappe.db.commit()


def possible() -> bool:
	"""Return whether students and their guardians are on record."""
	return contacts.source() is not None


def count_soon() -> None:
	"""Enqueue a count of everyone, at most one at a time."""
	frappe.enqueue(
		"school_dialer.reporting.reach.counting.nightly",
		queue="long",
		job_id="dialer-reach",
		deduplicate=True,
	)


def counted_at() -> datetime | None:
	"""Return when the oldest row was counted (naive, site time), or None before the first count.

	A row without a family is from an earlier version, which did not count families.
	"""
	rows = frappe.db.sql(
		"""select min(counted_at) from `tabDialer Reach`
		where not exists (select 1 from `tabDialer Reach` older where older.family is null)"""
	)
	return rows[0][0]


def page(after: str) -> list[str]:
	"""Return the next current students, by name."""
	rows = frappe.db.sql(
		"select name from `tabStudent` where enabled = 1 and name > %s order by name limit %s", (after, CHUNK)
	)
	return [name for (name,) in rows]


def count(students: Collection[str], latest: heard.Latest, guardians: GuardianSource) -> None:
	"""Write the rows of these students, in one statement after a fixed number of queries. Does not commit."""
	ways, programs = contacts.of_students(students, guardians), contacts.programs(students)
	now = clock.db_now()
	rows = [
		{
			"name": student,
			**stamp(now),
			"student": student,
			"program": programs.get(student, ""),
			**as_counted(student, ways[student]),
			**heard_of(student, latest),
			"counted_at": now,
		}
		for student in students
	]
	insert(DOCTYPE, rows, more=UPDATED)


def as_counted(student: str, ways: contacts.Ways) -> dict:
	return {
		"language": ways.language,
		"family": ways.family or student,
		"guardians": ways.guardians,
		"call_guardian": ways.call,
		"text_guardian": ways.text,
		"mail_guardian": ways.mail,
		"consented": int(ways.consented),
		"why": "" if ways.consented or ways.mail else ways.why,
	}


def heard_of(student: str, latest: heard.Latest) -> dict:
	contact = latest.reached.get(student)
	return {
		"reached_at": contact.at if contact else None,
		"reached_by": contact.way if contact else "",
		"reached_doctype": contact.person_doctype if contact else "",
		"reached_person": contact.person if contact else "",
		"answered_at": latest.answered.get(student),
	}


def add(students: Collection[str], latest: heard.Latest) -> None:
	"""Add later contacts and answers to the rows of these students, in one statement. Does not commit."""
	rows = {
		row.name: row
		for row in frappe.db.sql(
			"""select name, reached_at, reached_by, reached_doctype, reached_person, answered_at
			from `tabDialer Reach` where name in %s""",
			(tuple(students),),
			as_dict=True,
		)
	}
	changes = {}
	for name, row in rows.items():
		heard_now = heard_of(name, latest)
		later = heard_now["reached_at"] and (not row.reached_at or row.reached_at < heard_now["reached_at"])
		kept = heard_now if later else row
		answers = [at for at in (row.answered_at, heard_now["answered_at"]) if at]
		changes[name] = {field: kept[field] for field in HEARD[:-1]}
		changes[name]["answered_at"] = max(answers, default=None)
	update_each(DOCTYPE, changes)
