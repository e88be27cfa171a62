"""Guardians, staff and contacts, from the records of whichever apps the site has."""

from collections import defaultdict
from typing import Any

import frappe

from school_dialer.messages.model import PERSONAL, Field, Name, Subject, provides
from school_dialer.messages.providers.family import SPOKEN_NAME, has, present, read_pupils

FIELDS = (
	Field("guardian_name", "Guardian's name", "name", PERSONAL, "Guardian.guardian_name", "Maria Lopez"),
	Field("employee_name", "Employee's name", "name", PERSONAL, "Employee.employee_name", "Grace Kim"),
	Field("employee_department", "Employee's department", "text", PERSONAL, "Employee.department", "Science"),
	Field(
		"employee_designation", "Employee's designation", "text", PERSONAL, "Employee.designation", "Teacher"
	),
	Field("employee_branch", "Employee's branch", "text", PERSONAL, "Employee.branch", "North campus"),
	Field("contact_name", "Contact's name", "name", PERSONAL, "Contact.full_name", "Sam Reed"),
	Field(
		"contact_company", "Contact's organisation", "text", PERSONAL, "Contact.company_name", "City Library"
	),
	Field(
		"contact_designation", "Contact's designation", "text", PERSONAL, "Contact.designation", "Librarian"
	),
	Field(
		"instructor_name", "Instructor's name", "name", PERSONAL, "Instructor.instructor_name", "Grace Kim"
	),
	Field(
		"instructor_department",
		"Instructor's department",
		"text",
		PERSONAL,
		"Instructor.department",
		"Science",
	),
)


@provides(*FIELDS)
def provide(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	"""Read the fields of these people's records.

	Takes one query per DocType among the subjects, and one for the titles of their departments.
	"""
	columns = defaultdict(dict)
	for field in FIELDS:
		doctype, _dot, column = field.source.partition(".")
		columns[doctype][field.name] = column
	values: dict[str, dict[str, Any]] = {}
	for doctype, named in columns.items():
		people = {subject.person for subject in subjects if subject.person_doctype == doctype}
		if people and has(doctype):
			rows = read_people(doctype, named, people)
			values |= {
				subject.key: rows.get(subject.person, {})
				for subject in subjects
				if subject.person_doctype == doctype
			}
	return values


def read_people(doctype: str, named: dict[str, str], people: set[str]) -> dict[str, dict[str, Any]]:
	having = {name: column for name, column in named.items() if present(doctype, column)}
	spoken = present(doctype, SPOKEN_NAME)
	rows = frappe.get_all(
		doctype,
		filters={"name": ("in", sorted(people))},
		fields=["name", *having.values(), *spoken],
		order_by="name",
	)
	titles = department_titles({row.get("department") for row in rows} - {None, ""})
	values_of = {}
	for row in rows:
		values = {name: row[column] for name, column in having.items()}
		for name, value in values.items():
			if name.endswith("_name") and value:
				values[name] = Name(value, row.get(SPOKEN_NAME) or "")
			elif name.endswith("_department"):
				values[name] = titles.get(value, value)
		values_of[row.name] = values
	return values_of


def department_titles(departments: set[str]) -> dict[str, str]:
	"""Return what people call each department: "Science" for the record "Science - RS"."""
	if not departments or not has("Department"):
		return {}
	return dict(
		frappe.get_all(
			"Department",
			filters={"name": ("in", sorted(departments))},
			fields=["name", "department_name"],
			order_by="name",
			as_list=True,
		)
	)


def spoken_names(subjects: list[Subject]) -> dict[tuple[str, str], str]:
	"""Return how voices say these people's names, where the school has recorded it.

	Takes one query per DocType that occurs. Keys are (person_doctype, person).
	"""
	people = defaultdict(set)
	for subject in subjects:
		people[subject.person_doctype].add(subject.person)
	spoken = {}
	for doctype, names in people.items():
		if not present(doctype, SPOKEN_NAME):
			continue
		if doctype == "Student":
			pupils = read_pupils(names)
			spoken |= {(doctype, name): pupil.full_name.spoken for name, pupil in pupils.items()}
			continue
		rows = frappe.get_all(
			doctype,
			filters={"name": ("in", sorted(names)), SPOKEN_NAME: ("is", "set")},
			fields=["name", SPOKEN_NAME],
			order_by="name",
		)
		spoken |= {(doctype, row.name): row[SPOKEN_NAME] for row in rows}
	return spoken
