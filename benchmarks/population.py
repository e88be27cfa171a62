"""Many made-up families in the database of the benchmarks' own site.

No real person is ever called: the only carrier is the simulated one, on this machine. The numbers have the
exchange 555, outside the lines reserved for fiction and for directory assistance. The app accepts them as
possible numbers, and no subscriber has one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import frappe

from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.consent.events import GRANT, OPT_OUT, Event, Evidence

PROGRAM, GROUP = "Benchmark program", "Benchmark group 0"
GROUPS = 200
GROUP_NAMES = [f"Benchmark group {number}" for number in range(GROUPS)]
BATCH = 2_000
CONSENT_BATCH = 1_000
STYLES = ("+1{0}{1}{2}", "({0}) {1}-{2}", "{0}-{1}-{2}", "{0}.{1}.{2}", "1 {0} {1} {2}", "{0}{1}{2}")
PLACES = {
	"IL": ("312", "217", "309", "618", "630", "708", "773", "815"),
	"NY": ("212", "315", "516", "518", "585", "607", "716", "718"),
	"FL": ("305", "321", "352", "386", "407", "561", "727", "813"),
	"CA": ("213", "310", "408", "415", "510", "530", "559", "619"),
	"TX": ("210", "214", "254", "281", "325", "361", "409", "713"),
	"AZ": ("480", "520", "602", "623", "928"),
	"WA": ("206", "253", "360", "425", "509"),
	"HI": ("808",),
}
RELATIONS = ("Mother", "Father", "Others")
"""Of a student's first, second and third guardian."""
LINES = [line for line in range(200, 10_000) if line not in (1212, 4334)]
WORDING = (
	"I give this number to the school so that it can reach me about my child by automated calls and texts."
)
EVIDENCE = Evidence("Enrolment", actor="Administrator", wording=WORDING, language="en")
STOP = Evidence("Text", actor="Administrator", wording="STOP", language="en")


@dataclass(frozen=True, slots=True)
class Adult:
	name: str
	number: str
	alternate: str
	state: str
	language: str


def ensure(guardians: int) -> None:
	"""Bring the site to this many guardians, with their students and consents. Commits."""
	have = frappe.db.count("Guardian", {"name": ("like", "BENCH-GRD-%")})
	for start in range(have, guardians, BATCH):
		add(start, min(BATCH, guardians - start))
		frappe.db.commit()
	consents(guardians)
	enrol(guardians)
	call_before(guardians)
	frappe.db.commit()


def enrol(guardians: int) -> None:
	"""Enroll every eleventh student in a program, and put up to thirty of them in each student group."""
	students = [name for name, _parents in map(child, range(1, guardians, 11)) if name]
	known = set(frappe.get_all("Program Enrollment", {"program": PROGRAM}, pluck="student"))
	year = frappe.db.get_single_value("Education Settings", "current_academic_year")
	insert(
		"Program Enrollment",
		("student", "program", "academic_year", "docstatus"),
		((f"{name}-P", name, PROGRAM, year, 1) for name in students if name not in known),
	)
	if not frappe.db.exists("Student Group", GROUP):
		groups = {name: students[place::GROUPS][:30] for place, name in enumerate(GROUP_NAMES)}
		insert("Student Group", ("student_group_name",), ((name, name) for name in groups))
		insert(
			"Student Group Student",
			("parent", "parenttype", "parentfield", "student", "active"),
			(
				(f"{name}-{student}", name, "Student Group", "students", student, 1)
				for name, members in groups.items()
				for student in members
			),
		)


def call_before(guardians: int) -> None:
	"""Insert a call log of two months ago for every guardian who agreed.

	Every tenth of them gets a second one, ten days ago. Only the call logs are inserted.
	"""
	if frappe.db.exists("Dialer Call Log", {"name": ("like", "BENCH-LOG-%")}):
		return
	now = clock.now()
	calls = [(number(index), now - timedelta(days=60)) for index in range(guardians) if index % 8]
	calls += [(phone, now - timedelta(days=10)) for phone, _at in calls[::10]]
	insert(
		"Dialer Call Log",
		("status", "status_rank", "direction", "channel", "purpose", "phone", "placed_at", "verdict"),
		(
			(
				f"BENCH-LOG-{index:06d}",
				"completed",
				90,
				"Outbound",
				"Voice",
				"Event",
				phone,
				clock.to_db(at),
				"ALLOW",
			)
			for index, (phone, at) in enumerate(calls)
		),
	)


def add(start: int, count: int) -> None:
	adults = [adult(index) for index in range(start, start + count)]
	insert(
		"Guardian",
		("guardian_name", "mobile_number", "alternate_number", "dialer_state", "dialer_language"),
		(
			(one.name, f"Parent {one.name[-6:]}", one.number, one.alternate, one.state, one.language)
			for one in adults
		),
	)
	children = [child(index) for index in range(start, start + count) if index % 5]
	insert(
		"Student",
		("first_name", "student_name", "enabled", "date_of_birth"),
		((name, "Child", f"Child {name[-6:]}", 1, born(name)) for name, _parents in children),
	)
	insert(
		"Student Guardian",
		(
			"parent",
			"parenttype",
			"parentfield",
			"idx",
			"guardian",
			"guardian_name",
			"relation",
			"dialer_contact_permission",
		),
		(
			(
				f"{name}-{place}",
				name,
				"Student",
				"guardians",
				place,
				parent,
				parent,
				RELATIONS[place - 1],
				permission,
			)
			for name, parents in children
			for place, (parent, permission) in enumerate(parents, 1)
		),
	)


def adult(index: int) -> Adult:
	"""Return the guardian of this index, always the same one.

	One in fifty shares the number of the guardian before.
	"""
	chosen = random.Random(index)
	state = chosen.choice(list(PLACES))
	return Adult(
		f"BENCH-GRD-{index:06d}",
		written(index - 1 if index % 50 == 49 else index, chosen),
		written(index + 1_000_000, chosen) if chosen.random() < 0.2 else "",
		state,
		chosen.choice(("", "", "", "en", "es", "zh")),
	)


def written(index: int, chosen: random.Random) -> str:
	"""Return a number the way a person types it; one in sixty is not a usable number."""
	e164 = number(index)
	if chosen.random() < 1 / 60:
		return chosen.choice(("", "n/a", "call the office", e164[2:9]))
	return chosen.choice(STYLES).format(e164[2:5], e164[5:8], e164[8:])


def number(index: int) -> str:
	"""Return the E.164 number of this index; indexes from a million on are the alternate numbers."""
	areas = [area for codes in PLACES.values() for area in codes]
	second, index = divmod(index, 1_000_000)
	place = index * 2 + second
	return f"+1{areas[place % len(areas)]}555{LINES[place // len(areas) % len(LINES)]:04d}"


def child(index: int) -> tuple[str, list[tuple[str, str]]]:
	"""Return a student's name and a list of (guardian, contact permission).

	A student has two guardians; one student in four has a third.
	"""
	chosen = random.Random(-index)
	parents = [index, index + 1 if index % 5 < 4 else index - 1]
	if index % 5 == 1:
		parents.append(index - 1)
	permissions = ("All", "Emergency Only", "None by Court Order")
	return f"BENCH-STU-{index:06d}", [
		(f"BENCH-GRD-{parent:06d}", chosen.choices(permissions, (98, 1, 1))[0]) for parent in parents
	]


def born(student: str) -> date:
	"""Return the date of birth of a student of 5 to 17 years."""
	number = int(student[-6:])
	return date(frappe.utils.getdate().year - 6 - number % 12, 1 + number % 12, 1)


def consents(guardians: int) -> None:
	"""Record the consent events that the ledger does not hold yet. Commits.

	Seven in eight guardians agreed; one in thirty of them opted out later.
	"""
	agreed = [number(index) for index in range(guardians) if index % 8]
	at = clock.now() - timedelta(days=30)
	for start in range(0, len(agreed), CONSENT_BATCH):
		batch = agreed[start : start + CONSENT_BATCH]
		rows = frappe.db.sql("select phone from `tabConsent Head` where phone in %s", (tuple(batch),))
		known = {phone for (phone,) in rows}
		ledger.record_many(list(story([phone for phone in batch if phone not in known], at)))
		frappe.db.commit()


def story(phones: list[str], at) -> Iterator[Event]:
	for phone in phones:
		yield Event(GRANT, phone, EVIDENCE, basis="number provided", at=at)
		if int(phone[-4:]) % 30 == 0:
			yield Event(OPT_OUT, phone, STOP, at=at + timedelta(days=5))


def insert(doctype: str, fields: tuple[str, ...], rows: Iterator[tuple]) -> None:
	now, rows = frappe.utils.now(), list(rows)
	if not rows:
		return
	columns = ["name", *fields, "owner", "modified_by", "creation", "modified"]
	stamp = ("Administrator", "Administrator", now, now)
	frappe.db.bulk_insert(doctype, columns, [(*row, *stamp) for row in rows], chunk_size=BATCH)
