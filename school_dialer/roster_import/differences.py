"""The differences between a roster and what earlier imports made of it. Pure Python."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from school_dialer.roster_import import sessions, ties, wanted
from school_dialer.roster_import.kinds import (
	COURSES,
	GROUPS,
	GUARDIANS,
	INSTRUCTORS,
	LINKS,
	MEMBERS,
	ORDER,
	SCHOOLS,
	STUDENTS,
	TEACHERS,
	TERMS,
	YEARS,
	Key,
	apart,
)
from school_dialer.roster_import.wanted import Asked, Wanted

NEW, MATCHED, CHANGED, REMOVED, SAME = "new", "matched", "changed", "removed", "unchanged"
ACTIONS = (NEW, MATCHED, CHANGED, REMOVED, SAME)
"""A record is matched when it is new to the roster and Education has it already."""
VIA = "via"
"""A value that says where a tie comes from. It is kept, and its change changes nothing."""
FILES = {
	SCHOOLS: "orgs",
	YEARS: "academicSessions",
	TERMS: "academicSessions",
	COURSES: "courses",
	GROUPS: "classes",
	STUDENTS: "users",
	GUARDIANS: "users",
	INSTRUCTORS: "users",
	LINKS: "users",
	MEMBERS: "enrollments",
	TEACHERS: "enrollments",
}


@dataclass(slots=True)
class Change:
	"""One difference.

	``values`` are those that the roster changed, or all of a new record; ``every`` are all that it says.
	``said_before`` has digests of the values that were said before, and ``before`` names those that were not
	blank. ``name`` is the document that a matched record is. ``back``: a removed record that the roster names
	again. ``replaced``: a removed record whose document another record of the roster stands for now.
	"""

	kind: str
	sourced_id: str
	action: str
	values: dict[str, str] = field(default_factory=dict)
	parent: Key | None = None
	row: Key | None = None
	name: str = ""
	back: bool = False
	said_before: Mapping[str, str] = field(default_factory=dict)
	before: frozenset[str] = frozenset()
	every: dict[str, str] = field(default_factory=dict)
	replaced: bool = False

	@property
	def key(self) -> Key:
		return self.kind, self.sourced_id


def everything(asked: Asked) -> list[Wanted]:
	"""Return all records that a roster wants, in the order in which they are written."""
	records = [
		*wanted.schools(asked),
		*(Wanted(*each) for each in sessions.years_and_terms(asked.roster, asked.known)),
		*wanted.courses(asked),
		*wanted.people(asked),
		*ties.links(asked),
		*wanted.groups(asked),
		*ties.members(asked),
	]
	return sorted(records, key=lambda record: ORDER.index(record.kind))


def compare(asked: Asked, records: Mapping[Key, object], digest: Callable[[str], str]) -> list[Change]:
	"""Return what differs, removals last. Records are `known.Known`."""
	changes, seen = [], set()
	for item in everything(asked):
		seen.add(item.key)
		changes.append(_difference(item, records.get(item.key), digest))
	changes.extend(
		Change(record.kind, record.sourced_id, REMOVED, before=_before(record))
		for record in records.values()
		if record.state == "Active" and record.key not in seen and _gone(asked, record)
	)
	return changes


def _difference(item: Wanted, record, digest: Callable[[str], str]) -> Change:
	change = Change(item.kind, item.sourced_id, NEW, item.values, item.parent, item.row, every=item.values)
	if record is None:
		return change
	change.said_before, change.before = record.said, _before(record)
	changed = {
		name: value
		for name, value in item.values.items()
		if name != VIA and digest(value) != record.said.get(name, "")
	}
	change.back = record.state != "Active"
	change.action = CHANGED if changed or change.back else SAME
	change.values = changed
	return change


def _before(record) -> frozenset[str]:
	return frozenset(name for name, digest in record.said.items() if digest)


def _gone(asked: Asked, record) -> bool:
	roster, kind = asked.roster, record.kind
	if kind in (STUDENTS, GUARDIANS, INSTRUCTORS):
		return roster.gone("users", record.sourced_id) or kind not in asked.people.kinds(record.sourced_id)
	if kind == LINKS:
		return _link_gone(asked, record)
	if kind in (MEMBERS, TEACHERS):
		return _member_gone(asked, record)
	return roster.gone(FILES[kind], record.sourced_id)


def _link_gone(asked: Asked, record) -> bool:
	"""Return whether the users who named this relationship in the file name it no longer."""
	student, guardian = apart(record.sourced_id)
	if asked.roster.gone("users", student):
		return False
	if asked.roster.gone("users", guardian) or GUARDIANS not in asked.people.kinds(guardian):
		return True
	rows = asked.roster.active("users")
	sayers = [student if side == ties.BY_STUDENT else guardian for side in record.via]
	return bool(sayers) and all("agentSourcedIds" in rows.get(sayer, {}) for sayer in sayers)


def _member_gone(asked: Asked, record) -> bool:
	roster, (group, user) = asked.roster, apart(record.sourced_id)
	if roster.gone("classes", group):
		return False
	kind = STUDENTS if record.kind == MEMBERS else INSTRUCTORS
	if roster.gone("users", user) or kind not in asked.people.kinds(user):
		return True
	return roster.gone("enrollments", record.via) or record.via in roster.files["enrollments"].rows
