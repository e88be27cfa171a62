"""Names of guardians, staff and contacts, from the records of whichever apps the site has."""

from typing import Any

import frappe

from school_dialer.messages.model import PERSONAL, Field, Subject, provides

GUARDIAN_NAME = Field(
	"guardian_name", "Guardian's name", "text", PERSONAL, "Guardian.guardian_name", "Maria Lopez"
)
EMPLOYEE_NAME = Field(
	"employee_name", "Employee's name", "text", PERSONAL, "Employee.employee_name", "Grace Kim"
)
CONTACT_NAME = Field("contact_name", "Contact's name", "text", PERSONAL, "Contact.full_name", "Sam Reed")
INSTRUCTOR_NAME = Field(
	"instructor_name", "Instructor's name", "text", PERSONAL, "Instructor.instructor_name", "Grace Kim"
)
NAMES = {
	"Guardian": GUARDIAN_NAME,
	"Employee": EMPLOYEE_NAME,
	"Contact": CONTACT_NAME,
	"Instructor": INSTRUCTOR_NAME,
}


@provides(*NAMES.values())
def provide(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	"""One query a DocType that occurs among the subjects."""
	values: dict[str, dict[str, Any]] = {}
	for doctype, field in NAMES.items():
		people = {subject.person for subject in subjects if subject.person_doctype == doctype}
		if people:
			names = read_names(doctype, field.source.partition(".")[2], people)
			for subject in subjects:
				if subject.person_doctype == doctype:
					values[subject.key] = {field.name: names.get(subject.person)}
	return values


def read_names(doctype: str, fieldname: str, people: set[str]) -> dict[str, str]:
	rows = frappe.get_all(
		doctype, filters={"name": ("in", sorted(people))}, fields=["name", fieldname], order_by="name"
	)
	return {row.name: row[fieldname] for row in rows}
