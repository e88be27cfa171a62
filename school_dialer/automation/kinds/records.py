"""What a student's records show: a worrying result, a missing document."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import frappe
from frappe import _
from frappe.utils import flt

from school_dialer.audience.columns import existing
from school_dialer.automation.kind import Found, Kind, Trigger, of_students
from school_dialer.automation.kinds.fees import at_time
from school_dialer.base import clock
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw

DOCUMENTS_OF = ("Student", "Program Enrollment", "Student Applicant")
NO_VALUE = ("Section Break", "Column Break", "Tab Break", "HTML", "Button", "Heading", "Table", "Check")


class LowGrade(Kind):
	"""A submitted result below a percentage of the highest possible score.

	Results of today and the day before count, so that those entered in the evening are included.
	"""

	label = "Low grade"
	purposes = ("Academic",)
	needs = (
		"Assessment Result.total_score",
		"Assessment Result.maximum_score",
		"Assessment Result.assessment_plan",
		"Student Guardian",
	)
	settings = ("below_percent", "run_at", "on_holiday", "holiday_list", "weekends", "only_in_term")
	gone = "The result was corrected."
	same_for_all_rules = True

	def check(self) -> None:
		if not 0 < flt(self.rule.below_percent) <= 100:
			throw(_("Say below how many percent a result is low, from 1 to 100."))

	def opening(self) -> str:
		return _("{0}, when an assessment result is below {1} %,").format(
			at_time(self.rule), f"{flt(self.rule.below_percent):g}"
		)

	def once(self) -> str:
		return _("once for each assessment")

	def mass(self) -> str:
		return _("students have such a result")

	def find(self, days: Sequence[date], students: Collection[str] | None = None) -> Found:
		condition, values = of_students(students)
		first, last = min(days) - timedelta(days=1), max(days)
		rows = frappe.db.sql(
			"""select name, assessment_plan, student, total_score, maximum_score from `tabAssessment Result`
			where docstatus = 1 and maximum_score > 0 and modified between %(first)s and %(last)s"""
			+ condition
			+ " order by name",
			{
				"first": datetime.combine(first, time.min) - clock.offset(),
				"last": datetime.combine(last, time.max) - clock.offset(),
				**values,
			},
		)
		limit = flt(self.rule.below_percent)
		return Found(
			[
				Trigger(
					f"{plan}:{student}"[:140], student, record_doctype="Assessment Result", records=(name,)
				)
				for name, plan, student, score, most in rows
				if 100 * flt(score) / most < limit
			]
		)


class MissingDocuments(Kind):
	"""Required fields left empty on a student's record, enrollment or application."""

	label = "Missing documents"
	purposes = ("General", "Academic")
	needs = ("Student", "Student Guardian")
	settings = ("required_fields", "run_at", "on_holiday", "holiday_list", "weekends", "only_in_term")
	gone = "Nothing is missing."

	def check(self) -> None:
		if not self.required():
			throw(_("Choose the fields that have to be filled in."))

	def opening(self) -> str:
		labels = [
			_(frappe.get_meta(doctype).get_label(fieldname))
			for doctype, fields in self.required().items()
			for fieldname in fields
		]
		return _("{0}, when a student's records lack {1},").format(at_time(self.rule), ", ".join(labels))

	def once(self) -> str:
		return _("once a school year")

	def mass(self) -> str:
		return _("students lack something")

	def required(self) -> dict[str, list[str]]:
		"""Return the chosen fields by DocType.

		Raises a ValidationError that names a field this site does not have.
		"""
		chosen = defaultdict(list)
		for line in lines_of(self.rule):
			doctype, _dot, fieldname = line.partition(".")
			if doctype not in DOCUMENTS_OF or not (
				frappe.db.exists("DocType", doctype, cache=True) and existing([fieldname], doctype)
			):
				throw(
					_("{0} is not a field of this site that can be required.").format(plain_text.line(line))
				)
			chosen[doctype].append(fieldname)
		return chosen

	def same_things(self, other: Any) -> bool:
		"""Return whether the other rule requires the same fields: the key names none of them."""
		return set(lines_of(self.rule)) == set(lines_of(other))

	def find(self, days: Sequence[date], students: Collection[str] | None = None) -> Found:
		missing: set[str] = set()
		for doctype, fields in self.required().items():
			missing |= self.lacking(doctype, fields, students)
		year = school_year(max(days))
		return Found([Trigger(f"{student}:{year}"[:140], student) for student in sorted(missing)])

	def lacking(self, doctype: str, fields: list[str], students: Collection[str] | None) -> set[str]:
		condition, values = of_students(students, "student.name")
		joins = {
			"Student": "",
			"Program Enrollment": """ join `tabProgram Enrollment` record
				on record.student = student.name and record.docstatus = 1""",
			"Student Applicant": (
				" join `tabStudent Applicant` record on record.name = student.student_applicant"
			),
		}
		if doctype == "Student Applicant" and not existing(["student_applicant"], "Student"):
			return set()
		alias = "record" if joins[doctype] else "student"
		empty = " or ".join(f"ifnull({alias}.`{fieldname}`, '') = ''" for fieldname in fields)
		rows = frappe.db.sql(
			"select student.name from `tabStudent` student"
			+ joins[doctype]
			+ " where student.enabled = 1 and ("
			+ empty
			+ ")"
			+ condition,
			values,
		)
		return {name for (name,) in rows}


def lines_of(rule: Any) -> list[str]:
	"""Return the fields that a rule requires, as stored."""
	return list(filter(None, map(str.strip, (rule.required_fields or "").splitlines())))


def school_year(day: date) -> str:
	if frappe.db.exists("DocType", "Education Settings", cache=True):
		year = frappe.db.get_single_value("Education Settings", "current_academic_year")
		if year:
			return year
	return str(day.year)


def field_choices() -> list[dict]:
	"""Return the fields that can be required, as rows of value (as stored) and label."""
	choices = []
	for doctype in DOCUMENTS_OF:
		if frappe.db.exists("DocType", doctype, cache=True):
			for field in frappe.get_meta(doctype).fields:
				if field.label and field.fieldtype not in NO_VALUE and not field.hidden:
					label = f"{_(doctype)}: {_(field.label)}"
					choices.append({"value": f"{doctype}.{field.fieldname}", "label": label})
	return choices
