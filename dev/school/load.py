"""Load the demo school into the connected site. Loading again adds only what is missing.

Nothing is committed here. The caller commits, so a failure leaves the site as it was.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone

import frappe
from frappe.utils import cint

from dev.school import consents, extras, foundation, record_rows, records, rows, users
from dev.school.bulk import CHUNK, Bulk, advance_series
from dev.school.model import Roster
from dev.school.roster import SEED, build
from school_dialer.base.clock import OFFSET_KEY
from school_dialer.consent.events import OPT_OUT, Event

ANCHOR = "demo_school"
WRITING = timedelta(minutes=2)
"""From what a person says to its record."""
NEEDED = ("Student", "Guardian", "Student Group", "Program Enrollment", "Student Attendance", "Employee")
TREES = {"Employee": "reports_to"}
"""Bulk DocTypes that a site may keep as a tree, with the field of the parent."""


class CannotLoad(Exception):
	"""The demo school does not fit into this site; the message says why."""


def load(seed: int = SEED, day: date | None = None) -> dict[str, int]:
	"""Load the demo school and return the number of rows added by DocType.

	`day` is the last day of attendance, by default the site's current day. The people stay those of the first
	load, whatever the day; a later day only adds attendance. Raises `CannotLoad` on a site with its own
	students, without Education, or before its setup wizard is completed.
	"""
	require_site()
	day = day or site_day()
	roster = build(seed, anchor(seed, day))
	bulk = Bulk()
	foundation.lay(roster.year)
	load_people(bulk, roster)
	load_classes(bulk, roster)
	load_attendance(bulk, roster, day)
	load_results(bulk, roster)
	load_fees(bulk, roster)
	extras.load(bulk, roster)
	bulk.counts["User"] = len(users.create())
	bulk.counts["Consent Event"] = load_consents(roster)
	frappe.clear_document_cache("Education Settings", "Education Settings")
	return bulk.counts


def is_setup_complete() -> bool:
	"""Frappe 15 keeps this in System Settings, Frappe 16 for each app."""
	if hasattr(frappe, "is_setup_complete"):
		return frappe.is_setup_complete()
	return bool(cint(frappe.db.get_single_value("System Settings", "setup_complete")))


def require_site() -> None:
	missing = [doctype for doctype in NEEDED if not frappe.db.exists("DocType", doctype)]
	if missing:
		raise CannotLoad(
			f"The site lacks the DocTypes {', '.join(missing)}: install ERPNext and Education first."
		)
	if not is_setup_complete():
		raise CannotLoad(
			"The site's setup wizard is not completed. Companies need what it makes: open the Desk first."
		)


def has_people() -> bool:
	return bool(frappe.db.count("Student") or frappe.db.count("Guardian"))


def site_day() -> date:
	from school_dialer.base import clock

	return clock.db_now().date()


def anchor(seed: int, day: date) -> date:
	"""Return the day of the first load, which decides the school year and the dates of consents.

	Raises `CannotLoad` on a site with another seed or with its own students or guardians.
	"""
	known = frappe.db.get_value("DefaultValue", {"parent": "__global", "defkey": ANCHOR}, "defvalue")
	if known:
		loaded, _, first = known.partition(":")
		if int(loaded) != seed:
			raise CannotLoad(f"This site has the demo school of seed {loaded}.")
		return datetime.strptime(first, "%Y-%m-%d").date()
	if has_people():
		raise CannotLoad(
			"This site has students or guardians of its own. Load the demo school into another site."
		)
	frappe.db.set_global(ANCHOR, f"{seed}:{day}")
	return day


def load_people(bulk: Bulk, roster: Roster) -> None:
	for doctype, people in (
		("Employee", rows.employees(roster)),
		("Instructor", rows.instructors(roster)),
		("Guardian", rows.guardians(roster)),
		("Student", rows.students(roster)),
	):
		added = bulk.insert(doctype, people)
		advance_series(added)
		if doctype in TREES:
			plant(doctype, TREES[doctype], added)


def plant(doctype: str, parent_field: str, names: list[str]) -> None:
	"""Give the new records places in the tree, each as a root, if the site keeps a tree.

	Rows inserted in bulk have no place.
	"""
	if not names or frappe.get_meta(doctype).get("nsm_parent_field") != parent_field:
		return
	last = frappe.db.sql(f"select coalesce(max(`rgt`), 0) from `tab{doctype}`")[0][0]
	frappe.db.sql(
		f"""update `tab{doctype}` planted
		join (select name, row_number() over (order by name) as place from `tab{doctype}`
			where name in %(names)s) placed
		on placed.name = planted.name
		set planted.lft = %(last)s + 2 * placed.place - 1, planted.rgt = %(last)s + 2 * placed.place""",
		{"names": names, "last": last},
	)


def load_classes(bulk: Bulk, roster: Roster) -> None:
	bulk.insert("Student Group", rows.groups(roster))
	advance_series(bulk.insert("Program Enrollment", rows.enrollments(roster)))


def load_attendance(bulk: Bulk, roster: Roster, until: date) -> None:
	"""Load the last ten school days up to `until`; a day that has any attendance is left alone."""
	days = records.school_days(until)
	done = set(frappe.get_all("Student Attendance", {"date": ["in", days]}, pluck="date", order_by=None))
	marks = [mark for day in days if day not in done for mark in records.attendance(roster, day)]
	year = roster.year.start
	leaves = series(f"EDU-SLA-{year}-")
	leave_of = {(mark.student, mark.day): next(leaves) for mark in marks if mark.leave}
	advance_series(bulk.insert("Student Leave Application", record_rows.leaves(roster, leave_of)))
	names = series(f"EDU-ATT-{year}-")
	advance_series(bulk.insert("Student Attendance", record_rows.attendance(roster, marks, names, leave_of)))


def series(prefix: str) -> Iterator[str]:
	"""Yield the next names of a naming series, after the last one that `advance_series` recorded."""
	rows = frappe.db.sql("select `current` from `tabSeries` where `name` = %s", prefix)
	number = rows[0][0] if rows else 0
	while True:
		number += 1
		yield f"{prefix}{number:05d}"


def load_results(bulk: Bulk, roster: Roster) -> None:
	advance_series(bulk.insert("Assessment Plan", record_rows.plans(roster)))
	advance_series(bulk.insert("Assessment Result", record_rows.results(roster)))


def load_fees(bulk: Bulk, roster: Roster) -> None:
	books = foundation.books()
	advance_series(bulk.insert("Fee Structure", record_rows.structures(roster, books)))
	advance_series(bulk.insert("Fees", record_rows.fees(roster, books)))


def load_consents(roster: Roster) -> int:
	"""Record the consents of numbers that the ledger does not have yet, and return their number."""
	from school_dialer.consent import ledger

	events = consents.events(roster)
	phones = sorted({event.phone for event in events})
	known: set[str] = set()
	for start in range(0, len(phones), CHUNK):
		chunk = phones[start : start + CHUNK]
		known.update(frappe.get_all("Consent Event", {"phone": ["in", chunk]}, pluck="phone", order_by=None))
	fresh = [event for event in events if event.phone not in known]
	for moment, among in itertools.groupby(fresh, key=recorded_with):
		chunk = list(among)
		with clock_at((moment or chunk[-1].at) + WRITING):
			ledger.record_many(chunk)
	return len(fresh)


def recorded_with(event: Event) -> datetime | None:
	"""Return the time of an opt-out, else None.

	Opt-outs are recorded one by one, when they happen. Consents are recorded in one batch until the next
	opt-out.
	"""
	return event.at if event.kind == OPT_OUT else None


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
	"""Set the site's clock in this process to this moment; restore it at the end."""
	before = frappe.conf.get(OFFSET_KEY)
	frappe.conf[OFFSET_KEY] = (moment - datetime.now(timezone.utc)).total_seconds()
	try:
		yield
	finally:
		frappe.conf[OFFSET_KEY] = before
