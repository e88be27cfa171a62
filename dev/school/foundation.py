"""The few records that everything else of the school depends on, created through their controllers."""

from __future__ import annotations

import frappe

from dev.school import records, staff
from dev.school.bulk import ensure
from dev.school.model import ABBR, COMPANY, GRADES, SchoolYear
from dev.school.record_rows import FALL, SCALE, Books
from school_dialer.schools import registry

LANGUAGES = {"en": "English", "es": "Español", "zh": "中文", "ar": "العربية", "vi": "Tiếng Việt"}
COURSES = ("Mathematics", "English", "Science", "Social Studies")
RECEIVABLE = "Debtors"
ALL_GROUPS = "All Assessment Groups"
HOLIDAYS = f"{COMPANY}, days off"


def lay(year: SchoolYear) -> None:
	for code, name in LANGUAGES.items():
		ensure("Language", code, language_code=code, language_name=name)
	for gender in ("Female", "Male"):
		ensure("Gender", gender, gender=gender)
	lay_company()
	lay_days_off(year)
	lay_calendar(year)
	for batch in "AB":
		ensure("Student Batch Name", batch, batch_name=batch)
	for grade in GRADES:
		ensure("Program", grade, program_name=grade, program_abbreviation=grade.replace("Grade ", "G")[:3])
	for course in COURSES:
		ensure("Course", course, course_name=course)
	for criterion, _ in records.CRITERIA:
		ensure("Assessment Criteria", criterion, assessment_criteria=criterion)
	lay_assessment_group()
	lay_grading_scale()
	for category, _ in records.FEES:
		ensure("Fee Category", category, category_name=category)


def complete(year: SchoolYear) -> None:
	"""Add what Education needs before it takes attendance, on a site set up earlier or in an earlier year."""
	lay_days_off(year)
	lay_calendar(year)


def one_school() -> None:
	"""Go back to one school on a site that an earlier demo left as a district, with campaigns under way."""
	if frappe.db.exists("DocType", "Dialer School"):
		others = frappe.get_all("Dialer School", {"enabled": 1}, pluck="name", order_by="creation")[1:]
		frappe.db.set_value("Dialer School", {"name": ("in", others or [""])}, "enabled", 0)
		registry.forget()


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


def books() -> Books:
	"""Return the company's books, as Education uses them for a fee that names none."""
	company = frappe.get_doc("Company", COMPANY)
	return Books(receivable_account(), company.get("default_income_account"), company.get("cost_center"))


def lay_days_off(year: SchoolYear) -> None:
	"""Give the school's company and the default company a Holiday List if they have none.

	Education takes no attendance while the site's default company, or else the only one, has none. The list
	names no day, so a demo can be given on any day. It goes on with the school years. A company's existing
	list is left alone.
	"""
	if not frappe.get_meta("Company").has_field("default_holiday_list"):
		return
	span = {"from_date": year.before.first_day, "to_date": year.last_day}
	for company in {COMPANY, frappe.db.get_default("company") or COMPANY}:
		if not frappe.db.get_value("Company", company, "default_holiday_list"):
			ensure("Holiday List", HOLIDAYS, holiday_list_name=HOLIDAYS, **span)
			frappe.db.set_value("Company", company, "default_holiday_list", HOLIDAYS)
			frappe.clear_document_cache("Company", company)
	ended = {"name": HOLIDAYS, "to_date": ("<", year.last_day)}
	if frappe.db.exists("Holiday List", ended):
		frappe.db.set_value("Holiday List", HOLIDAYS, "to_date", year.last_day)
		frappe.clear_document_cache("Holiday List", HOLIDAYS)


def lay_assessment_group() -> None:
	"""Put the assessment group in the tree, also on a site that has an older version of the demo school."""
	parent = {"parent_assessment_group": all_groups()}
	ensure("Assessment Group", FALL, assessment_group_name=FALL, **parent)
	if not frappe.db.get_value("Assessment Group", FALL, "parent_assessment_group"):
		frappe.db.set_value("Assessment Group", FALL, parent)


def all_groups() -> str:
	"""Return the root of the tree of assessment groups, which Education creates when it is installed."""
	roots = {"is_group": 1, "parent_assessment_group": ("is", "not set")}
	if root := frappe.db.get_value("Assessment Group", roots, order_by="creation"):
		return root
	values = {"doctype": "Assessment Group", "assessment_group_name": ALL_GROUPS, "is_group": 1}
	return frappe.get_doc(values).insert(ignore_mandatory=True).name


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
	lay_settings(year)


def lay_settings(year: SchoolYear) -> None:
	"""Set Education's current year, and stop it from creating user accounts.

	It would create them for students and announce them by e-mail.
	"""
	frappe.db.set_single_value("Education Settings", "current_academic_year", year.name)
	if frappe.get_meta("Education Settings").has_field("user_creation_skip"):
		frappe.db.set_single_value("Education Settings", "user_creation_skip", 1)


def lay_grading_scale() -> None:
	"""Create the grading scale, and submit it where the site's scales are submittable."""
	if frappe.db.exists("Grading Scale", SCALE):
		return
	scale = frappe.get_doc({"doctype": "Grading Scale", "grading_scale_name": SCALE, **letters()})
	scale.insert()
	if scale.meta.is_submittable:
		scale.submit()


def letters() -> dict:
	"""Return the intervals of the grading scale, where the site's Grading Scale has them."""
	if not frappe.get_meta("Grading Scale").has_field("intervals"):
		return {}
	return {"intervals": [{"grade_code": grade, "threshold": least} for grade, least in records.LETTERS]}
