"""What of a roster goes into which field of Education's records.

The roster owns the fields named here, and nothing else. A field is written when the roster's own value
changed since the last import; in a matched record only where it is blank. Contact permissions, the order of
calls, and the right to records are the school's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import frappe
from frappe.utils import cint

from school_dialer.audience import relations
from school_dialer.audience.base import country_code
from school_dialer.base.wording import Wording as _
from school_dialer.roster_import.differences import MATCHED, REMOVED, Change
from school_dialer.roster_import.kinds import (
	COURSES,
	GUARDIANS,
	INSTRUCTORS,
	SCHOOLS,
	STUDENTS,
	TERMS,
	YEARS,
	Key,
)
from school_dialer.roster_import.known import Digests
from school_dialer.roster_import.reading.values import phone

PERMISSION, ALL, EMERGENCY_ONLY = "dialer_contact_permission", "All", "Emergency Only"
FIELDS = {
	YEARS: {"start": "year_start_date", "end": "year_end_date"},
	TERMS: {"start": "term_start_date", "end": "term_end_date"},
	STUDENTS: {
		"given": "first_name",
		"middle": "middle_name",
		"family": "last_name",
		"email": "student_email_id",
		"birth": "date_of_birth",
		"school": "dialer_school",
		"language": "dialer_language",
	},
	GUARDIANS: {"email": "email_address", "language": "dialer_language"},
	INSTRUCTORS: {"school": "dialer_school"},
	"Student Group": {
		"course": "course",
		"year": "academic_year",
		"term": "academic_term",
		"school": "dialer_school",
	},
}
REFERENCES = {"school": SCHOOLS, "course": COURSES, "year": YEARS, "term": TERMS}
NAMES = {GUARDIANS: "guardian_name", INSTRUCTORS: "instructor_name"}
MOBILE = {STUDENTS: "student_mobile_number", GUARDIANS: "mobile_number"}
ALTERNATE = {GUARDIANS: "alternate_number"}


class NotWritten(Exception):
	"""A record could not be written. ``column`` and ``problem`` go into the file of errors."""

	def __init__(self, column: str, problem: str):
		super().__init__(problem)
		self.column, self.problem = column, problem


@dataclass(slots=True)
class Site:
	"""What is read once for an import: documents by key, and what this site's Education is like."""

	names: dict[Key, str]
	languages: Mapping[str, str]
	today: str
	relation_options: tuple[str, ...] = ()
	year: str = ""
	validates_course: bool = False
	country: str = ""
	digest: Digests = field(default_factory=Digests)
	notes: list[tuple[Key, str, str]] = field(default_factory=list)

	@classmethod
	def read(cls, names: dict[Key, str], today: str) -> "Site":
		settings = frappe.get_meta("Education Settings")
		codes = frappe.get_all("Language", pluck="name", order_by="name")
		relation = frappe.get_meta("Student Guardian").get_field("relation")
		validates = settings.has_field("validate_course") and frappe.db.get_single_value(
			"Education Settings", "validate_course"
		)
		return cls(
			names,
			{code.lower(): code for code in codes},
			today,
			tuple((relation.options or "").split("\n")) if relation.fieldtype == "Select" else (),
			frappe.db.get_single_value("Education Settings", "current_academic_year") or "",
			bool(cint(validates)),
			country_code(),
		)

	def name_of(self, key: Key) -> str:
		"""Return the document of a record. Raises `NotWritten` if it was not written."""
		if not self.names.get(key):
			raise NotWritten("", _("What this record refers to was not imported."))
		return self.names[key]

	def language(self, code: str) -> str:
		return self.languages.get(code.lower()) or self.languages.get(code.split("-")[0].lower(), "")


def fill(doc, change: Change, site: Site) -> None:
	"""Write a change's values into the document's fields."""
	fields = {**_plain(change, site), **_name(doc, change), **_phones(change)}
	for fieldname, value in fields.items():
		if change.action == MATCHED and doc.get(fieldname):
			continue
		if fieldname == ALTERNATE.get(change.kind) and _is_the_schools(doc.get(fieldname), change, site):
			continue
		if doc.meta.has_field(fieldname):
			doc.set(fieldname, value or None)


def _plain(change: Change, site: Site) -> dict[str, str]:
	fields = {}
	for value, fieldname in FIELDS.get(change.kind, {}).items():
		if value not in change.values:
			continue
		text = change.values[value]
		if value in REFERENCES and text:
			text = site.name_of((REFERENCES[value], text))
		if value == "language" and text and not (text := site.language(text)):
			site.notes.append((change.key, "language", _("This site has no such language.")))
			continue
		fields[fieldname] = text
	return fields


def _name(doc, change: Change) -> dict[str, str]:
	fieldname = NAMES.get(change.kind)
	if not fieldname or not {"given", "family"} & set(change.values):
		return {}
	return {fieldname: f"{change.every['given']} {change.every['family']}"[:140]}


def _phones(change: Change) -> dict[str, str]:
	"""Return the fields of telephone numbers: the number for texts first, the other as the alternate."""
	if change.kind not in MOBILE:
		return {}
	mobile, alternate = MOBILE[change.kind], ALTERNATE.get(change.kind)
	sms, second = change.every.get("sms", ""), change.every.get("phone", "")
	other = second if second != sms else ""
	fields = {}
	if "sms" in change.values:
		fields = {mobile: sms or second, alternate: other if sms else ""}
	elif "phone" in change.values:
		kept = sms or ("sms" in change.before and "sms" not in change.every)
		fields = {alternate: other} if kept else {mobile: second}
	return {fieldname: number for fieldname, number in fields.items() if fieldname}


def _is_the_schools(number: str | None, change: Change, site: Site) -> bool:
	"""Return whether the school entered this number: no earlier import said it of this person."""
	written = {change.said_before.get(name, "") for name in ("sms", "phone")}
	return bool(number) and site.digest(phone(number, site.country) or number) not in written


def tie_guardian(student, change: Change, guardian: str, site: Site) -> None:
	"""Add or remove one guardian of a student. A row under a restriction is never removed."""
	row = next((row for row in student.guardians if row.guardian == guardian), None)
	if change.action == REMOVED:
		if row and (row.get(PERMISSION) or ALL) != ALL:
			site.notes.append(
				(
					change.key,
					"agentSourcedIds",
					_(
						"The roster no longer names this guardian, who stays: the school restricted the "
						"contact."
					),
				)
			)
		elif row:
			student.remove(row)
		return
	if row:
		return
	relation = _relation(change.every.get("relation", ""), site)
	added = {"guardian": guardian, "relation": relation, PERMISSION: ALL}
	added["guardian_name"] = frappe.db.get_value("Guardian", guardian, "guardian_name")
	if change.every.get("relation") in ("parent", "guardian") and not relations.is_parent(relation):
		added[relations.RECORDS] = relations.YES
	if any((row.get(PERMISSION) or ALL) != ALL for row in student.guardians):
		added[PERMISSION] = EMERGENCY_ONLY
		site.notes.append(
			(
				change.key,
				"agentSourcedIds",
				_(
					"A guardian of this student is under a restriction, so a new one is Emergency Only. "
					"Please decide."
				),
			)
		)
	student.append("guardians", added)


def _relation(role: str, site: Site) -> str:
	for option in (role.title(), "Others", "Other"):
		if option and option in site.relation_options:
			return option
	return "" if site.relation_options else role.title()


def tie_student(group, change: Change, student: str, enabled: bool) -> None:
	"""Add a student to a group, or make their row inactive."""
	row = next((row for row in group.students if row.student == student), None)
	if change.action == REMOVED:
		if row:
			row.active = 0
	elif row is None:
		name = frappe.db.get_value("Student", student, "student_name")
		group.append("students", {"student": student, "student_name": name, "active": cint(enabled)})
	elif change.back and enabled:
		row.active = 1


def tie_instructor(group, change: Change, instructor: str) -> None:
	"""Add an instructor to a group, or take them off it."""
	row = next((row for row in group.instructors if row.instructor == instructor), None)
	if change.action == REMOVED:
		if row:
			group.remove(row)
	elif row is None:
		name = frappe.db.get_value("Instructor", instructor, "instructor_name")
		group.append("instructors", {"instructor": instructor, "instructor_name": name})
