"""Find the record that Education has already for one that is new to the roster.

A record is matched only where there is exactly one, and only if no record of the roster stands for it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

import frappe

from school_dialer.audience.base import country_code
from school_dialer.roster_import.differences import MATCHED, NEW, REMOVED, Change
from school_dialer.roster_import.kinds import (
	COURSES,
	DOCTYPES,
	GROUPS,
	GUARDIANS,
	INSTRUCTORS,
	LINKS,
	SCHOOLS,
	STUDENTS,
	TERMS,
	YEARS,
	Key,
)
from school_dialer.roster_import.known import ACTIVE, Known
from school_dialer.roster_import.reading import values

SHARED = (YEARS, TERMS, COURSES)
"""Kinds of which several of the roster may be one of Education: each school has a session "2026-2027"."""


def match(changes: list[Change], records: Mapping[Key, Known]) -> dict[Key, str]:
	"""Mark what Education has already as matched. Returns the documents of all known and matched records."""
	names = {key: record.name for key, record in records.items() if record.name}
	removed = {change.key for change in changes if change.action == REMOVED}
	taken = {
		(kind, record.name)
		for (kind, sourced_id), record in records.items()
		if record.state == ACTIVE and (kind, sourced_id) not in removed
	}
	for kind, finder in FINDERS.items():
		new = [change for change in changes if change.kind == kind and change.action == NEW]
		if not new:
			continue
		find = finder(new, changes, names)
		for change in new:
			names_found = find(change) - (
				{name for of, name in taken if of == kind} if kind not in SHARED else set()
			)
			if len(names_found) == 1:
				(change.name,) = names_found
				change.action = MATCHED
				names[change.key] = change.name
				taken.add((kind, change.name))
	matched = {(change.kind, change.name) for change in changes if change.action == MATCHED}
	for change in changes:
		change.replaced = change.action == REMOVED and (change.kind, names.get(change.key)) in matched
	return names


Find = Callable[[Change], set[str]]


def _index(doctype: str, fields: Collection[str], key: Callable[[frappe._dict], Iterable[tuple]]) -> dict:
	index: dict[tuple, set[str]] = defaultdict(set)
	for row in frappe.get_all(doctype, fields=["name", *fields], order_by="name"):
		for key_of_row in key(row):
			index[key_of_row].add(row.name)
	return index


def folded(*parts: str | None) -> str:
	return " ".join(" ".join(part for part in parts if part).casefold().split())


def _schools(new: list[Change], changes: list[Change], names: Mapping[Key, str]) -> Find:
	existing = frappe.get_all(DOCTYPES[SCHOOLS], pluck="name", order_by="name")
	if len(existing) == 1 and sum(change.kind == SCHOOLS for change in changes) == 1:
		return lambda change: set(existing)
	by_name = {folded(name): name for name in existing}
	return lambda change: {name for name in [by_name.get(folded(change.values["name"]))] if name}


def _titled(new: list[Change], changes: list[Change], names: Mapping[Key, str]) -> Find:
	doctype = DOCTYPES[new[0].kind]
	existing = {folded(name): name for name in frappe.get_all(doctype, pluck="name", order_by="name")}
	return lambda change: {name for name in [existing.get(folded(change.values["title"]))] if name}


def _terms(new: list[Change], changes: list[Change], names: Mapping[Key, str]) -> Find:
	index = _index(
		"Academic Term",
		("academic_year", "term_name"),
		lambda row: [(row.academic_year, folded(row.term_name))],
	)
	return lambda change: index[names.get((YEARS, change.values["year"])), folded(change.values["title"])]


def _instructors(new: list[Change], changes: list[Change], names: Mapping[Key, str]) -> Find:
	index = _index("Instructor", ("instructor_name",), lambda row: [(folded(row.instructor_name),)])
	return lambda change: index[(folded(change.values["given"], change.values["family"]),)]


def _students(new: list[Change], changes: list[Change], names: Mapping[Key, str]) -> Find:
	def key(row):
		family = folded(row.last_name)
		if row.student_email_id:
			yield family, row.student_email_id.lower()
		if row.date_of_birth:
			yield family, folded(row.first_name), str(row.date_of_birth)

	index = _index("Student", ("first_name", "last_name", "student_email_id", "date_of_birth"), key)

	def find(change: Change) -> set[str]:
		cells, family = change.values, folded(change.values["family"])
		names = index.get((family, cells.get("email") or None), set())
		return names or index.get((family, folded(cells["given"]), cells.get("birth")), set())

	return find


def _guardians(new: list[Change], changes: list[Change], names: Mapping[Key, str]) -> Find:
	"""Match by name and number or address, or by name among the guardians of the same student.

	The second keeps a guardian whose number changed, and with it what the school decided about them.
	"""
	country = country_code()

	def key(row):
		name = folded(row.guardian_name)
		for number in (row.mobile_number, row.alternate_number):
			if parsed := values.phone(number or "", country):
				yield name, parsed
		if row.email_address:
			yield name, row.email_address.lower()

	fields = ("guardian_name", "mobile_number", "alternate_number", "email_address")
	index = _index("Guardian", fields, key)
	of_students = _index_of_students(changes, names)

	def find(change: Change) -> set[str]:
		cells, name = change.values, folded(change.values["given"], change.values["family"])
		near = of_students.get((change.sourced_id, name), set())
		if near:
			return near
		ways = {cells.get("sms"), cells.get("phone"), cells.get("email")} - {None, ""}
		return set().union(*(index.get((name, way), set()) for way in ways))

	return find


def _index_of_students(changes: list[Change], names: Mapping[Key, str]) -> dict[tuple[str, str], set[str]]:
	"""Return the guardians of the students to whom a new guardian is to be tied, by (sourcedId, name)."""
	students: dict[str, set[str]] = defaultdict(set)
	for change in changes:
		if change.kind == LINKS and change.parent and (student := names.get(change.parent)):
			students[student].add(change.row[1])
	guardians: dict[tuple[str, str], set[str]] = defaultdict(set)
	if students:
		rows = frappe.get_all(
			"Student Guardian",
			filters={"parenttype": "Student", "parent": ("in", list(students))},
			fields=["parent", "guardian", "guardian_name"],
			order_by="parent",
		)
		for row in rows:
			for sourced_id in students[row.parent]:
				guardians[sourced_id, folded(row.guardian_name)].add(row.guardian)
	return guardians


FINDERS: dict[str, Callable[[list[Change], list[Change], Mapping[Key, str]], Find]] = {
	SCHOOLS: _schools,
	YEARS: _titled,
	TERMS: _terms,
	COURSES: _titled,
	INSTRUCTORS: _instructors,
	STUDENTS: _students,
	GUARDIANS: _guardians,
	GROUPS: _titled,
}
"""Students before guardians, who are matched among the guardians of matched students."""
