"""The reports on reach with 100,000 students: each list's time, and its ratio to a bare count of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import frappe

from benchmarks import place
from benchmarks.kit import meter
from benchmarks.reports import analyze
from school_dialer.base import clock
from school_dialer.reporting.reach import contacts, counting, families, figures, heard, students, terms
from school_dialer.school_dialer.report.reach_by_group import reach_by_group
from school_dialer.school_dialer.report.student_reach import student_reach

PAGE = "school/families/reach.md"
TITLE = "On a site with 100,000 students"
HEADS = ("What", "ms", "CPU, ms", "Times a bare count")
STUDENTS, GROUPS, COUNTED = 100_000, 2_000, 5_000
"""COUNTED students have guardians on record, for the measure of the nightly job."""
OURS = "BENCH-REACH"
BARE = "A bare count of the students"
NIGHT = "The nightly job, for each 1,000 students"


def measure(rounds: int = 5) -> dict[str, Any]:
	with place.connected(0), filled():
		since = terms.since({})
		works: dict[str, Callable[[], Any]] = {
			BARE: bare,
			"All students, each once": lambda: figures.total(since, {}),
			**{f"By {by}": listed(by, since) for by in figures.BY},
			"By Language, one program": lambda: figures.counted(figures.LANGUAGE, since, {"program": "P 3"}),
			"Families, by Program and Language": lambda: families.counted(since),
			"Report: Reach by Group, by Program": lambda: reach_by_group.execute({"by": figures.PROGRAM}),
			"Report: Reach by Group, by Student Group": lambda: reach_by_group.execute({"by": figures.GROUP}),
			"The 5,000 students not reached for longest": lambda: students.listed(
				since, {}, students.NOT_REACHED
			),
			"Report: Student Reach": lambda: student_reach.execute({}),
		}
		return {**ratios(works, rounds), NIGHT: night()}


def ratios(works: dict[str, Callable[[], Any]], rounds: int) -> dict[str, Any]:
	"""Return the median milliseconds of each, and the median of its ratios to `BARE` in the same round.

	The CPU, of MariaDB and this process, is the mean. It depends less on what else the machine does.
	"""
	for work in works.values():
		work()
	taken: dict[str, list[float]] = {label: [] for label in works}
	cpu = dict.fromkeys(works, 0.0)
	database = meter.database_pid()
	for _round in range(rounds):
		for label, work in works.items():
			before = meter.process_cpu(database) + time.process_time()
			taken[label].append(milliseconds(work))
			cpu[label] += meter.process_cpu(database) + time.process_time() - before
	return {
		label: {
			"ms": round(statistics.median(times), 1),
			"cpu": round(cpu[label] * 1000 / rounds),
			"ratio": round(
				statistics.median(one / bare for one, bare in zip(times, taken[BARE], strict=True)), 1
			),
		}
		for label, times in taken.items()
	}


def milliseconds(work: Callable[[], Any]) -> float:
	begin = time.perf_counter()
	work()
	return (time.perf_counter() - begin) * 1000


def bare() -> None:
	frappe.db.sql(
		"""select count(*) from `tabDialer Reach` reach join `tabStudent` student
		on student.name = reach.student where student.enabled = 1"""
	)


def listed(by: str, since) -> Callable[[], Any]:
	return lambda: figures.counted(by, since, {})


def night() -> dict[str, Any]:
	names = [f"{OURS}-{number}" for number in range(1, COUNTED + 1)]
	guardians, latest = contacts.source(), heard.Latest()

	def work() -> None:
		for start in range(0, COUNTED, counting.CHUNK):
			counting.count(names[start : start + counting.CHUNK], latest, guardians)

	work()
	taken = milliseconds(work) * 1000 / COUNTED
	frappe.db.rollback()
	return {"ms": round(taken, 1), "cpu": None, "ratio": None}


def table(found: dict[str, Any]) -> list[tuple[str, ...]]:
	return [
		(
			label,
			f"{one['ms']:,}",
			f"{one['cpu']:,}" if one["cpu"] else "–",
			f"{one['ratio']:g}" if one["ratio"] else "–",
		)
		for label, one in found.items()
		if label != "run"
	]


@contextmanager
def filled() -> Iterator[None]:
	"""Insert the students and their rows from sequences, and drop them at the end."""
	empty()
	values = {"ours": OURS, "now": clock.db_now(), "groups": GROUPS}
	sizes = {"students": STUDENTS, "counted": COUNTED, "links": 2 * COUNTED - 2}
	for statement in STATEMENTS:
		frappe.db.sql(statement.format(**sizes), values)
	frappe.db.commit()
	analyze("Student", "Dialer Reach", "Student Group Student", "Student Guardian", "Guardian")
	try:
		yield
	finally:
		empty()


def empty() -> None:
	frappe.db.rollback()
	for doctype in ("Student", "Dialer Reach", "Student Group Student", "Student Guardian", "Guardian"):
		frappe.db.delete(doctype, {"name": ("like", f"{OURS}-%")})
	frappe.db.delete("Contact Consent", {"name": ("like", f"{OURS}-%")})
	frappe.db.commit()


STATEMENTS = (
	"""insert into `tabStudent` (name, first_name, student_name, enabled, dialer_school, creation, modified,
			owner, modified_by)
		select concat(%(ours)s, '-', seq), 'Child', concat('Child ', seq), 1, concat('School ', seq %% 40),
			%(now)s, %(now)s, 'Administrator', 'Administrator' from seq_1_to_{students}""",
	"""insert into `tabDialer Reach` (name, student, family, program, language, guardians, call_guardian,
			text_guardian, mail_guardian, consented, reached_at, reached_by, reached_doctype, reached_person,
			answered_at, counted_at, creation, modified, owner, modified_by)
		select concat(%(ours)s, '-', seq), concat(%(ours)s, '-', seq), concat(%(ours)s, '-', seq div 2),
			concat('P ', seq %% 13),
			elt(1 + seq %% 9, 'en', 'en', 'en', 'en', 'es', 'es', 'vi', 'ar', 'zh'), 2,
			if(seq %% 5, concat(%(ours)s, '-', seq), ''), if(seq %% 4, concat(%(ours)s, '-', seq), ''),
			if(seq %% 3, concat(%(ours)s, '-', seq), ''), if(seq %% 20, 1, 0),
			if(seq %% 7, %(now)s - interval seq %% 300 day, null), 'Call', 'Guardian',
			concat(%(ours)s, '-', seq), if(seq %% 11 = 0, %(now)s - interval seq %% 300 day, null), %(now)s,
			%(now)s, %(now)s, 'Administrator', 'Administrator' from seq_1_to_{students}""",
	"""insert into `tabStudent Group Student` (name, parent, parenttype, parentfield, student, active,
			creation, modified, owner, modified_by)
		select concat(%(ours)s, '-', seq), concat('Group ', seq %% %(groups)s), 'Student Group', 'students',
			concat(%(ours)s, '-', seq), 1, %(now)s, %(now)s, 'Administrator', 'Administrator'
		from seq_1_to_{students}""",
	"""insert into `tabGuardian` (name, guardian_name, mobile_number, email_address, creation, modified,
			owner, modified_by)
		select concat(%(ours)s, '-', seq), concat('Parent ', seq), concat('+1312555', lpad(seq, 4, '0')),
			concat('parent', seq, '@families.example'), %(now)s, %(now)s, 'Administrator', 'Administrator'
		from seq_1_to_{counted}""",
	"""insert into `tabStudent Guardian` (name, parent, parenttype, parentfield, idx, guardian,
			dialer_contact_permission, creation, modified, owner, modified_by)
		select concat(%(ours)s, '-', seq), concat(%(ours)s, '-', 1 + seq %% {counted}), 'Student',
			'guardians', 1, concat(%(ours)s, '-', 1 + seq div 2), 'All', %(now)s, %(now)s, 'Administrator',
			'Administrator'
		from seq_1_to_{links}""",
	"""insert ignore into `tabContact Consent` (name, phone, channel, purpose, status, basis, granted_at,
			last_verified_at, creation, modified, owner, modified_by)
		select concat(%(ours)s, '-', seq), concat('+1312555', lpad(seq, 4, '0')),
			'Voice', 'All', 'Granted', 'number provided', %(now)s - interval 30 day,
			%(now)s - interval 30 day, %(now)s, %(now)s, 'Administrator', 'Administrator'
		from seq_1_to_{counted}""",
)
