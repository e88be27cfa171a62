"""What must hold after the district's campaigns, by the roster and the carrier's journal.

Each breach is one sentence.

The school of a child follows from the roster's grades, and the school that a call is from follows from the
number it came from and the name that was spoken: not from the school that the app wrote down.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import frappe

from dev.demo import checks, planned
from dev.demo.stage import SENDER
from dev.school.model import Roster

DISTRICT = "The district"
SAID_BY_DISTRICT = "Riverside School District"
COLUMNS = ("students", "planned", "permitted", "called", "reached", "waiting")
FIELDS = [
	*("name", "recipient", "carrier_sid", "campaign", "school"),
	*("phone", "person", "language", "students", "status"),
]


def report_of(stage, roster: Roster, schools: Sequence, campaigns: dict[str, str]) -> dict:
	"""Return the table by school and the breaches.

	``campaigns`` are names by "own", "each", "all", "emergency".
	"""
	names = list(campaigns.values())
	logs = frappe.get_all(
		"Dialer Call Log", {"campaign": ("in", names), "direction": "Outbound"}, FIELDS, order_by="name"
	)
	logs = [frappe._dict(log, students=json.loads(log.students or "[]")) for log in logs]
	journal = stage.carrier.log()
	taught = {one.name: part for part in schools for one in roster.students if one.grade in part.grades}
	school_of = {log.name: expected(log, campaigns, schools, taught, roster) for log in logs}
	table = by_school(roster, schools, names, logs, taught)
	return {
		"table": table,
		"campaigns": campaigns,
		"violations": [
			*only_its_own(logs, campaigns, schools, taught),
			*from_its_number(logs, journal, school_of),
			*in_its_name(logs, journal, schools, school_of),
			*planned.violations(roster, campaigns, schools, taught),
			*same_totals(table, journal, schools, logs),
		],
	}


def expected(log, campaigns: dict[str, str], schools: Sequence, taught: dict, roster: Roster):
	"""Return the school in whose name this call has to be, None for the district."""
	if log.campaign == campaigns["all"]:
		return None
	if log.campaign != campaigns["each"]:
		return schools[1]
	children = [roster.student(name) for name in log.students]
	youngest = max(children, key=lambda one: one.date_of_birth, default=None)
	return taught[youngest.name] if youngest else None


def only_its_own(logs, campaigns: dict[str, str], schools: Sequence, taught: dict) -> Iterator[str]:
	"""Yield calls of the academy about students of another school."""
	for log in logs:
		if log.campaign in (campaigns["own"], campaigns["emergency"]):
			for student in log.students:
				if taught[student] is not schools[1]:
					yield f"Call log {log.name} of the academy is about {student} of another school."
			if not log.students:
				yield f"Call log {log.name} of the academy is about no student."


def from_its_number(logs, journal, school_of: dict) -> Iterator[str]:
	senders = {entry["sid"]: entry["from"] for entry in checks.requests_of(journal)}
	for log in logs:
		part = school_of[log.name]
		right = part.sender if part else SENDER
		if log.carrier_sid and senders.get(log.carrier_sid) != right:
			yield f"Call log {log.name} came from {senders.get(log.carrier_sid)}, not from {right}."


def in_its_name(logs, journal, schools: Sequence, school_of: dict) -> Iterator[str]:
	"""Yield calls and texts that do not name their school, or that name another one."""
	words = defaultdict(str)
	for entry in journal:
		if entry["kind"] == "twiml":
			words[entry["sid"]] += " ".join(entry["sentences"]) + " "
		elif entry["kind"] == "message":
			words[entry["sid"]] += entry["params"].get("Body", "")
	names = {None: {SAID_BY_DISTRICT}} | {part: {part.name, *dict(part.said).values()} for part in schools}
	for log in logs:
		said, part = words.get(log.carrier_sid), school_of[log.name]
		if not said:
			continue
		right = part.said_in(log.language) if part else SAID_BY_DISTRICT
		if right.lower() not in said.lower():
			yield f"Call log {log.name} does not say {right}."
		for other, ways in names.items():
			if other is not part and any(way.lower() in said.lower() for way in ways):
				yield f"Call log {log.name} of {right} names another school."


def by_school(roster: Roster, schools: Sequence, names: list[str], logs, taught: dict) -> list[dict]:
	"""Return one row a school, and the district's own, of what the app recorded."""
	fields = ["name", "school", "status", "verdict"]
	rows = frappe.get_all("Dialer Recipient", {"campaign": ("in", names)}, fields)
	placed = [log for log in logs if log.status != "refused"]
	calls, called = Counter(log.school or "" for log in placed), {log.recipient for log in placed}
	students = Counter(taught[one.name].name for one in roster.students if not one.left_on)
	table = []
	for name in (*(part.name for part in schools), ""):
		mine = [row for row in rows if (row.school or "") == name]
		table.append(
			{
				"school": name or DISTRICT,
				"students": students[name],
				"planned": len(mine),
				"permitted": checks.were_permitted(mine, called),
				"called": sum(row.name in called for row in mine),
				"calls": calls[name],
				"reached": sum(row.status == "Reached" for row in mine),
				"waiting": sum(row.status == "Deferred" for row in mine),
			}
		)
	total = {key: sum(row[key] for row in table) for key in COLUMNS}
	return [*table, {"school": "Total", **total}]


def same_totals(table: list[dict], journal, schools: Sequence, logs) -> Iterator[str]:
	"""Yield schools whose calls are not as many as the carrier received from their numbers."""
	ours = {log.carrier_sid for log in logs}
	received = Counter(entry["from"] for entry in checks.requests_of(journal) if entry["sid"] in ours)
	for row, sender in zip(table, (*(part.sender for part in schools), SENDER), strict=False):
		if row["calls"] != received[sender]:
			yield f"{row['school']}: {row['calls']} calls on record, {received[sender]} at the carrier."
		if row["planned"] and not row["called"]:
			yield f"{row['school']} called no one."


def render(report: dict) -> list[str]:
	width = max(len(row["school"]) for row in report["table"])
	lines = [
		"",
		"By school, in four campaigns:",
		" " * (width + 2) + "".join(f"{head:>11}" for head in COLUMNS),
	]
	lines += [
		"  " + row["school"].ljust(width) + "".join(f"{row[key]:>11}" for key in COLUMNS)
		for row in report["table"]
	]
	if not report["violations"]:
		lines.append(
			"  By the carrier's journal each call came from its school's number, in its school's name, "
			"and no school called another's family."
		)
	return lines
