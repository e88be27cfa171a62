"""What a staff member may see of a message for someone else.

Values of records the user may not read are replaced by examples. Whether a value exists at all also reveals
something ("no absence", "nothing due"), so the example is shown whatever the records hold.
"""

from collections.abc import Collection, Iterable
from typing import Any

import frappe
from frappe.desk.reportview import build_match_conditions

from school_dialer.audience import student_access
from school_dialer.messages import catalogue
from school_dialer.messages.model import PUBLIC, Field, PerStudent, Subject

THEIR_NAME = "Dialer Recipient.person_name"
"""The user who asks knows the recipient's name, unless the recipient is a student the user may not read."""


def mask_unreadable_values(
	values: dict[str, dict[str, Any]], subjects: Collection[Subject], names: Iterable[str]
) -> list[Field]:
	"""Replace in ``values`` what the user may not read, for all of the subjects alike.

	``values`` are by subject key and field name, as `context.read_values` returns them, and are changed in
	place. Returns the fields that were replaced.
	"""
	fields = catalogue.fields()
	reader = Reader(subjects)
	veiled = [
		fields[name] for name in dict.fromkeys(names) if name in fields and not reader.may_see(fields[name])
	]
	for subject in subjects:
		for field in veiled:
			values[subject.key][field.name] = reader.example(field, values[subject.key].get(field.name))
	return veiled


class Reader:
	"""What the user of this request may see of these people's records. Each DocType is checked once."""

	def __init__(self, subjects: Collection[Subject]):
		self.people = {(subject.person_doctype, subject.person) for subject in subjects}
		self.students = tuple({student for subject in subjects for student in subject.students})
		self.known: dict[str, bool] = {}
		self.knows_students = not has_students() or self.may_read("Student")
		self.knows_people = all(person_shown(subjects))

	def may_see(self, field: Field) -> bool:
		if field.source == THEIR_NAME:
			return self.knows_people
		if field.sensitivity == PUBLIC:
			return True
		if (field.per_student or field.about_student) and not self.knows_students:
			return False
		doctype, _dot, fieldname = field.source.partition(".")
		return self.may_read(field.records or doctype) and may_read_field(doctype, fieldname)

	def may_read(self, doctype: str) -> bool:
		if doctype not in self.known:
			self.known[doctype] = self.asked(doctype)
		return self.known[doctype]

	def asked(self, doctype: str) -> bool:
		named = [person for person_doctype, person in self.people if person_doctype == doctype]
		if named:
			return all(frappe.has_permission(doctype, "read", doc=person) for person in named)
		if not may_list(doctype):
			return False
		meta = frappe.get_meta(doctype)
		if doctype == "Student":
			return self.all_of(doctype, "name")
		if meta.has_field("student") and meta.get_field("student").options == "Student":
			return self.all_of(doctype, "student")
		return not build_match_conditions(doctype)

	def all_of(self, doctype: str, column: str) -> bool:
		"""Return whether the user may read every record of this DocType about these students.

		User Permissions and the like can hide some of them.
		"""
		if not self.students:
			return True
		filters = {column: ("in", self.students)}
		seen = frappe.get_list(doctype, filters=filters, pluck="name", order_by="name")
		return len(seen) == frappe.db.count(doctype, filters)

	def example(self, field: Field, value: Any) -> Any:
		"""Return the field's example, for each of the students if the user may know them."""
		if not isinstance(field.example, PerStudent):
			return field.example
		if not (isinstance(value, PerStudent) and value.items and self.knows_students):
			return field.example
		sample = next(value for _key, _called, value in field.example.items if value)
		return PerStudent(
			tuple(
				(key, called, called if field.type == "name" else sample)
				for key, called, _value in value.items
			)
		)


def person_shown(subjects: Iterable[Subject]) -> list[bool]:
	"""Return, for each subject, whether the user may see who it is."""
	return student_access.visible((subject.person_doctype, subject.person, ()) for subject in subjects)


def has_students() -> bool:
	return bool(frappe.db.exists("DocType", "Student", cache=True))


def may_list(doctype: str) -> bool:
	"""Return whether one of the user's roles may read this DocType.

	This is False for a user who only has single records shared with them: Frappe's lists then have no
	permitted field to ask for.
	"""
	return bool(frappe.permissions.get_role_permissions(frappe.get_meta(doctype)).get("read"))


def may_read_field(doctype: str, fieldname: str) -> bool:
	meta = frappe.get_meta(doctype)
	field = meta.get_field(fieldname) if fieldname else None
	if not field or not field.permlevel:
		return True
	return field.permlevel in meta.get_permlevel_access("read")
