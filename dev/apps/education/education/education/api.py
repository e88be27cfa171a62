"""What Education does with an application that the school accepts."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.mapper import get_mapped_doc


@frappe.whitelist()
def enroll_student(source_name: str) -> Document:
	"""Make a student of an application, with all fields of the same name, and return the enrollment."""
	kept = {"doctype": "Student", "field_map": {"name": "student_applicant"}}
	student = get_mapped_doc(
		"Student Applicant", source_name, {"Student Applicant": kept}, ignore_permissions=True
	)
	student.save()
	applicant = frappe.get_doc("Student Applicant", source_name)
	enrollment = frappe.new_doc("Program Enrollment")
	enrollment.update(
		{
			"student": student.name,
			"student_name": student.student_name,
			"student_category": applicant.student_category,
			"program": applicant.program,
			"academic_year": applicant.academic_year,
		}
	)
	enrollment.save()
	return enrollment


def admit(student: Document) -> None:
	"""Mark a student's application as admitted. Raises ValidationError for a second student."""
	other = {"student_applicant": student.student_applicant, "name": ("!=", student.name)}
	if frappe.db.exists("Student", other):
		frappe.throw(_("Another student was made of this application"))
	frappe.db.set_value("Student Applicant", student.student_applicant, "application_status", "Admitted")
