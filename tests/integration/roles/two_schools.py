"""A district of two schools with a row of every DocType for each, made from `schools.decisions`.

Each side has a tag that is in its rows' names and words, so that a leak is a tag in an answer.
"""

import json
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

import frappe

from dev.school.bulk import Bulk
from school_dialer.base import clock
from school_dialer.schools.decisions import DECISIONS, DISTRICT, USER, Decision
from tests.integration import factories as make


@dataclass
class Side:
	"""The rows of a school, of the district (no school), or of families of both schools."""

	tag: str
	school: str = ""
	students: tuple[str, ...] = ()
	person: tuple[str, str] = ("", "")
	phone: str = ""
	rows: dict[str, str] = field(default_factory=dict)
	"""DocType -> name of its row."""

	def of(self, doctype: str) -> str:
		return self.rows.get(doctype, "")


def of_school(name: str) -> Side:
	"""Make a school with a guardian and a child."""
	tag = f"{name}{secrets.token_hex(4)}"
	school = frappe.get_doc({"doctype": "Dialer School", "school_name": tag}).insert().name
	guardian, student = family(tag, school)
	return Side(tag, school, (student,), ("Guardian", guardian), make.phone())


def family(tag: str, *schools: str) -> tuple[str, str]:
	"""Make a guardian with a child at each of the schools. Return the guardian and the last child."""
	bulk, guardian = Bulk(), f"{tag}guardian"
	bulk.insert("Guardian", [{"name": guardian, "guardian_name": guardian}])
	for place, school in enumerate(schools):
		student = f"{tag}student{place}"
		named = {"name": student, "first_name": student, "student_name": student, "enabled": 1}
		named |= {"dialer_school": school, "guardians": [{"guardian": guardian}]}
		bulk.insert("Student", [named])
	return guardian, student


def of_district() -> Side:
	return Side(f"district{secrets.token_hex(4)}", phone=make.phone())


def of_both(north: Side, south: Side) -> Side:
	"""Return the family with a child at each school. The tag is that of the other school's child."""
	tag, own = f"both{secrets.token_hex(4)}", f"shared{secrets.token_hex(4)}"
	guardian, child = family(own, north.school)
	student = {"name": f"{tag}student", "first_name": tag, "student_name": tag, "enabled": 1}
	student |= {"dialer_school": south.school, "guardians": [{"guardian": guardian}]}
	Bulk().insert("Student", [student])
	return Side(tag, "", (child, student["name"]), ("Guardian", guardian), make.phone())


def fill(side: Side) -> None:
	"""Insert a row of each DocType for this side, those that others name first."""
	for doctype in sorted(DECISIONS, key=depth):
		if doctype in ("Dialer Settings", "Dialer School"):
			continue
		side.rows[doctype] = row(side, doctype)
	if side.school:
		side.rows["Dialer School"] = side.school


def depth(doctype: str) -> int:
	"""Return how many rows must be there before a row of this DocType."""
	decision = DECISIONS[doctype]
	named = [one for _column, one in (*decision.links, *decision.uses)]
	named += [one for *_columns, one in decision.references]
	named += [decision.within[1]] if decision.within[1] else []
	return 1 + max(map(depth, named), default=0)


def row(side: Side, doctype: str) -> str:
	decision = DECISIONS[doctype]
	name = f"{side.tag}-{frappe.scrub(doctype)}"
	values = words(doctype, name) | of_decision(side, decision) | MORE.get(doctype, {})
	Bulk().insert(doctype, [{"name": name, **known(doctype, values)}])
	return name


def known(doctype: str, values: dict) -> dict:
	meta = frappe.get_meta(doctype)
	return {column: value for column, value in values.items() if meta.has_field(column)}


def words(doctype: str, name: str) -> dict:
	"""Return the row's words: its name in every field of plain text, so that a leak shows."""
	texts = [df for df in frappe.get_meta(doctype).fields if df.fieldtype in ("Data", "Small Text")]
	free = [df for df in texts if not df.options and (df.length or 140) >= 100]
	found = {df.fieldname: name for df in free if df.fieldname not in NOT_WORDS}
	return found | {df.fieldname: alone(df, name) for df in frappe.get_meta(doctype).fields if df.unique}


NEXT = count()


def alone(df, name: str):
	"""Return a value that no other row has in this field."""
	if df.fieldtype == "Int":
		return 10**9 + next(NEXT)
	if df.fieldtype == "Date":
		return date(1950, 1, 1) + timedelta(days=next(NEXT))
	return name


NOT_WORDS = (
	"phone",
	"phone_masked",
	"students",
	"people",
	"schools",
	"person",
	"student",
	"name",
	"decision",
	"covers",
)


def of_decision(side: Side, decision: Decision) -> dict:
	values = {decision.number: side.phone} if decision.number else {"phone": side.phone}
	if decision.school:
		values[decision.school] = side.school
	if decision.students:
		values[decision.students] = json.dumps(side.students)
	for doctype, name in decision.people:
		person = side.person if doctype == "person_doctype" else ("Student", (side.students or ("",))[0])
		values |= {doctype: person[0], name: person[1]} if doctype else {name: person[1]}
	for column, doctype in (*decision.links, *decision.uses, *filter(all, [decision.within])):
		values[column] = side.of(doctype) or None
	for kind, column, doctype in decision.references:
		values |= {column: side.of(doctype)} | ({kind: doctype} if kind else {})
	if decision.user:
		values[decision.user] = "Administrator"
	return values


MORE = {
	"Consent Event": {"kind": "Opt Out", "channel": "Any", "purpose": "All", "scope": "all non-emergency"},
	"Contact Consent": {"channel": "Voice", "purpose": "All", "status": "Granted"},
	"Dialer Answer": {"recording": "RE" + "0" * 32},
	"Dialer Call Log": {"status": "completed", "status_rank": 90, "result": "Reached", "channel": "Voice"},
	"Dialer Campaign": {"status": "Running", "purpose": "Event", "channel": "Voice"},
	"Dialer Coverage": {"people": 7, "consented": 3, "day": date(2026, 1, 5)},
	"Dialer Manual Call": {"status": "Waiting", "purpose": "Event", "urgency": 1, "attempts": 0},
	"Dialer Policy": {"enabled": 0},
	"Dialer Recipient": {"status": "Reached", "channel": "Voice"},
	"Dialer Review": {"status": "Open", "reason": "Not known"},
	"Dialer Rule": {"kind": "Absence", "purpose": "Attendance", "channel": "Voice", "enabled": 0},
}


def times() -> None:
	"""Set the times by which reports and figures find the rows."""
	now = clock.db_now()
	MORE["Consent Event"] |= {
		"received_at": now,
		"effective_at": now,
		"source": "Agent",
		"actor": "Administrator",
	}
	MORE["Dialer Call Log"] |= {"placed_at": now, "direction": "Outbound", "duration": 61}
	MORE["Dialer Campaign"] |= {"started_at": now, "requested_by": "Administrator"}
	MORE["Dialer Conversation"] = {"last_at": now, "status": "Waiting", "messages": 1}
	MORE["Dialer Manual Call"] |= {"listed_at": now}
	MORE["Dialer Review"] |= {"closed_at": now, "closed_by": "Administrator"}


@dataclass
class World:
	north: Side
	south: Side
	both: Side
	district: Side

	@property
	def others(self) -> tuple[Side, ...]:
		return (self.south, self.both, self.district)

	def names(self, doctype: str) -> set[str]:
		sides = (self.north, *self.others)
		return {side.of(doctype) for side in sides if side.of(doctype)}


def world() -> World:
	"""Return a district whose school in the north has its rows, and no one else any."""
	times()
	north, south = of_school("north"), of_school("south")
	found = World(north, south, of_both(north, south), of_district())
	fill(north)
	return found


def world_with_others() -> World:
	"""Return the two schools with the rows of the other one and of the district too."""
	found = world()
	add_others(found)
	return found


def add_others(found: World) -> None:
	"""Insert the rows of the other school, of the district, and of the family at both schools."""
	fill(found.south)
	fill(found.district)
	for doctype, decision in DECISIONS.items():
		if decision.students:
			found.both.rows[doctype] = row(found.both, doctype)


def expected(found: World, doctype: str) -> set[str]:
	"""Return the rows that a user of the school in the north sees, whatever their role may read."""
	decision = DECISIONS[doctype]
	if decision.kind in (DISTRICT, USER):
		return set()
	own = {found.north.of(doctype)}
	if decision.kind == "all":
		return own | {side.of(doctype) for side in found.others} - {""}
	if decision.kind == "shared" or doctype == "Dialer Recording":
		return own | {found.district.of(doctype)}
	return own - {""}
