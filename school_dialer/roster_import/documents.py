"""Write one document with its rows: what is new, what changed, and what the roster no longer names."""

from collections.abc import Callable, Mapping

import frappe

from school_dialer.base.without_permission import write_roster
from school_dialer.base.wording import Wording as _
from school_dialer.roster_import.differences import REMOVED, Change
from school_dialer.roster_import.kinds import (
	COURSES,
	DOCTYPES,
	GROUPS,
	INSTRUCTORS,
	MEMBERS,
	ROWS,
	SCHOOLS,
	STUDENTS,
	TERMS,
	YEARS,
	Key,
)
from school_dialer.roster_import.known import Known
from school_dialer.roster_import.unit import SINGLE, Unit
from school_dialer.roster_import.writing import (
	NotWritten,
	Site,
	fill,
	tie_guardian,
	tie_instructor,
	tie_student,
)

LONGEST_NAME = 140
LEFT = {
	STUDENTS: ("enabled", 0, 1),
	GROUPS: ("disabled", 1, 0),
	INSTRUCTORS: ("status", "Left", "Active"),
}
"""The field that says that a record is no longer in use, its value then, and its value otherwise."""
BY_HAND = _("This record was deleted by hand. The roster does not make it again.")
Written = tuple[str, dict[Key, str]]
"""The document's name, and of each row that was settled the document to which it refers."""


def write_single(unit: Unit, records: Mapping[Key, Known], site: Site) -> Written:
	"""Write a document without rows. Schools, years, terms, courses and guardians are never taken away."""
	change = unit.own
	if change.action == REMOVED and (change.replaced or unit.kind != INSTRUCTORS):
		return "", {}
	doc = _document(change, site)
	if change.name or not doc.is_new() or not _exists(doc):
		_settle(doc, _image(doc), change, site)
	return doc.name, {}


def write_student(unit: Unit, records: Mapping[Key, Known], site: Site) -> Written:
	if unit.own and unit.own.replaced:
		return "", {}
	doc = _open(unit, site)
	before = _image(doc)
	rows = _rows(unit, records, site)
	for tie in _to_write(unit, rows):
		tie_guardian(doc, tie, rows[tie.key], site)
	_settle(doc, before, unit.own, site)
	return doc.name, rows


def write_group(unit: Unit, records: Mapping[Key, Known], site: Site) -> Written:
	doc = _open(unit, site)
	before = _image(doc)
	rows = _rows(unit, records, site)
	enabled = _enabled([rows[tie.key] for tie in unit.ties if tie.kind == MEMBERS and tie.key in rows])
	for tie in _to_write(unit, rows):
		if tie.kind == MEMBERS:
			tie_student(doc, tie, rows[tie.key], rows[tie.key] in enabled)
		else:
			tie_instructor(doc, tie, rows[tie.key])
	_settle(doc, before, unit.own, site)
	return doc.name, rows


def _rows(unit: Unit, records: Mapping[Key, Known], site: Site) -> dict[Key, str]:
	"""Return the document of each row that can be settled."""
	rows = {tie.key: _row(tie, ROWS[tie.kind], records, site) for tie in unit.ties}
	return {key: name for key, name in rows.items() if name}


def _to_write(unit: Unit, rows: Mapping[Key, str]) -> list[Change]:
	"""Return the ties to write. One that the roster names again under another id is not taken away."""
	live = [tie for tie in unit.ties if tie.key in rows]
	kept = {(tie.kind, rows[tie.key]) for tie in live if tie.action != REMOVED}
	return [tie for tie in live if tie.action != REMOVED or (tie.kind, rows[tie.key]) not in kept]


def _row(tie: Change, kind: str, records: Mapping[Key, Known], site: Site) -> str:
	"""Return the document that a row refers to; "" with a note if it was not written."""
	record = records.get(tie.key)
	if tie.action == REMOVED and record:
		return record.row
	if name := site.names.get(tie.row) or (record.row if record else ""):
		return name
	site.notes.append((tie.key, "", _("What this record refers to was not imported.")))
	return ""


def _enabled(students: list[str]) -> set[str]:
	if not students:
		return set()
	return set(
		frappe.get_all("Student", {"name": ("in", students), "enabled": 1}, pluck="name", order_by="name")
	)


def _open(unit: Unit, site: Site):
	if unit.own:
		return _document(unit.own, site)
	return _existing(DOCTYPES[unit.kind], site.name_of((unit.kind, unit.sourced_id)))


def _document(change: Change, site: Site):
	"""Return the document of a change: the known or matched one, or a new one that is not saved yet."""
	doctype = DOCTYPES[change.kind]
	if name := change.name or site.names.get(change.key):
		return _existing(doctype, name)
	doc = frappe.new_doc(doctype)
	doc.update(BEGINNINGS.get(change.kind, lambda change, site: {})(change, site))
	return doc


def _existing(doctype: str, name: str):
	if not frappe.db.exists(doctype, name):
		raise NotWritten("", BY_HAND)
	return frappe.get_doc(doctype, name)


def _exists(doc) -> bool:
	"""Return whether a shared record of this name is there already; then that one is meant."""
	if doc.doctype not in ("Academic Year", "Course", "Academic Term"):
		return False
	name = doc.get("academic_year_name") or doc.get("course_name") or f"{doc.academic_year} ({doc.term_name})"
	if existing := frappe.db.exists(doc.doctype, name):
		doc.name = existing
	return bool(existing)


def _image(doc) -> str | None:
	"""Return what a document holds, to see later whether that changed; None for a new one."""
	return None if doc.is_new() else doc.as_json()


def _settle(doc, before: str | None, change: Change | None, site: Site) -> None:
	"""Fill a document and save it, if it differs from what it held before."""
	if change and change.action == REMOVED:
		_leave(doc, site)
	elif change:
		fill(doc, change, site)
		if change.back:
			_return(doc)
	if before is None or doc.as_json() != before:
		if before is None and change and change.kind == INSTRUCTORS:
			_name_instructor(doc, change)
		write_roster(doc)


def _name_instructor(doc, change: Change) -> None:
	"""Name a new instructor where Education's own way of naming cannot.

	It names by the full name, which two teachers may share, or by an employee, whom a roster does not know.
	"""
	if frappe.db.get_single_value("Education Settings", "instructor_created_by") != "Naming Series":
		doc.set_new_name(set_name=_free("Instructor", {"title": doc.instructor_name}, change.sourced_id))


def _leave(doc, site: Site) -> None:
	fieldname, left, _present = LEFT[_kind(doc)]
	doc.set(fieldname, left)
	if doc.doctype == "Student" and not doc.date_of_leaving:
		doc.date_of_leaving = max(site.today, str(doc.joining_date or site.today))


def _return(doc) -> None:
	if _kind(doc) in LEFT:
		fieldname, _left, present = LEFT[_kind(doc)]
		doc.set(fieldname, present)
	if doc.doctype == "Student":
		doc.date_of_leaving = None


def _kind(doc) -> str:
	return next(kind for kind, doctype in DOCTYPES.items() if doctype == doc.doctype)


def _year(change: Change, site: Site) -> dict:
	return {"academic_year_name": change.values["title"]}


def _term(change: Change, site: Site) -> dict:
	year = site.name_of((YEARS, change.values["year"]))
	return {"academic_year": year, "term_name": change.values["title"]}


def _group(change: Change, site: Site) -> dict:
	values = change.values
	if not values.get("year") and not site.year:
		raise NotWritten(
			"termSourcedIds", _("No academic year: name a session, or set one in Education Settings.")
		)
	by_course = values.get("course") and not site.validates_course
	return {
		"student_group_name": _free("Student Group", values, change.sourced_id),
		"group_based_on": "Course" if by_course else "Activity",
		"academic_year": site.year,
	}


def _free(doctype: str, values: dict[str, str], sourced_id: str) -> str:
	"""Return a name that no document of this type has: the title, or the title with a code."""
	title, code = values["title"], values.get("code", "")
	for name in (title, f"{title} ({code})"[:LONGEST_NAME] if code else title):
		if not frappe.db.exists(doctype, name):
			return name
	return f"{title[: LONGEST_NAME - 60]} ({sourced_id[:50]})"


BEGINNINGS: dict[str, Callable[[Change, Site], dict]] = {
	SCHOOLS: lambda change, site: {"school_name": change.values["name"], "enabled": 1},
	YEARS: _year,
	TERMS: _term,
	COURSES: lambda change, site: {"course_name": change.values["title"]},
	GROUPS: _group,
	STUDENTS: lambda change, site: {"enabled": 1},
}
"""What a new document has besides the fields that the roster owns."""
WRITERS = {
	**dict.fromkeys(SINGLE, write_single),
	STUDENTS: write_student,
	GROUPS: write_group,
}
