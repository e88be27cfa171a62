"""The few records that everything else of the school hangs on, made through their controllers."""

from __future__ import annotations

import frappe

from dev.school import records, staff
from dev.school.bulk import ensure
from dev.school.model import ABBR, COMPANY, GRADES, SchoolYear

LANGUAGES = {"en": "English", "es": "Español", "zh": "中文", "ar": "العربية", "vi": "Tiếng Việt"}
COURSES = ("Mathematics", "English", "Science", "Social Studies")
RECEIVABLE = "Debtors"


def lay(year: SchoolYear) -> None:
	for code, name in LANGUAGES.items():
		ensure("Language", code, language_code=code, language_name=name)
	for gender in ("Female", "Male"):
		ensure("Gender", gender, gender=gender)
	lay_company()
	lay_calendar(year)
	for batch in "AB":
		ensure("Student Batch Name", batch, batch_name=batch)
	for grade in GRADES:
		ensure("Program", grade, program_name=grade, program_abbreviation=grade.replace("Grade ", "G")[:3])
	for course in COURSES:
		ensure("Course", course, course_name=course)
	for criterion, _ in records.CRITERIA:
		ensure("Assessment Criteria", criterion, assessment_criteria=criterion)
	ensure("Assessment Group", "Fall", assessment_group_name="Fall")
	ensure("Grading Scale", "Letters", grading_scale_name="Letters", **letters())
	for category, _ in records.FEES:
		ensure("Fee Category", category, category_name=category)


def lay_company() -> None:
	ensure(
		"Company",
		COMPANY,
		company_name=COMPANY,
		abbr=ABBR,
		default_currency="USD",
		country="United States",
		phone_no="+1 708 555 0100",
	)
	for department in staff.DEPARTMENTS:
		ensure("Department", f"{department} - {ABBR}", department_name=department, company=COMPANY)
	for designation in staff.DESIGNATIONS:
		ensure("Designation", designation, designation_name=designation)
	if not receivable_account():
		ensure(
			"Account",
			f"{RECEIVABLE} - {ABBR}",
			account_name=RECEIVABLE,
			company=COMPANY,
			account_type="Receivable",
		)


def receivable_account() -> str | None:
	return frappe.db.get_value("Account", {"company": COMPANY, "account_type": "Receivable", "is_group": 0})


def lay_calendar(year: SchoolYear) -> None:
	for one in (year.before, year):
		ensure(
			"Academic Year",
			one.name,
			academic_year_name=one.name,
			year_start_date=one.first_day,
			year_end_date=one.last_day,
		)
		for term, first, last in one.terms():
			ensure(
				"Academic Term",
				f"{one.name} ({term})",
				academic_year=one.name,
				term_name=term,
				term_start_date=first,
				term_end_date=last,
			)
	frappe.db.set_single_value("Education Settings", "current_academic_year", year.name)


def letters() -> dict:
	"""The intervals of the grading scale, where the site's Grading Scale has them."""
	if not frappe.get_meta("Grading Scale").has_field("intervals"):
		return {}
	return {"intervals": [{"grade_code": grade, "threshold": least} for grade, least in records.LETTERS]}
