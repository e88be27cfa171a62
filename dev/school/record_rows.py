"""Attendance, leave, results and fees as rows of Education's DocTypes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dev.school import records
from dev.school.model import COMPANY, GRADES, Group, Roster
from dev.school.records import Mark

TAUGHT = "Mathematics"
FALL, SCALE = "Fall", "Letters"
"""The assessment group and the grading scale."""


@dataclass(frozen=True)
class Books:
	"""The accounts and the cost center for fees; a site without real books has only the first."""

	receivable: str
	income: str | None = None
	cost_center: str | None = None


def leaves(roster: Roster, leave_of: dict[tuple[str, date], str]) -> Iterator[dict]:
	"""Yield a submitted one-day application for each (student, day) of `leave_of`, which has the names."""
	for (student, day), name in leave_of.items():
		yield {
			"name": name,
			"student": student,
			"student_name": roster.student(student).full_name,
			"from_date": day,
			"to_date": day,
			"total_leave_days": 1,
			"attendance_based_on": "Student Group",
			"student_group": roster.homeroom(student).name,
			"reason": "Doctor's appointment",
			"docstatus": 1,
		}


def attendance(
	roster: Roster, marks: list[Mark], names: Iterator[str], leave_of: dict[tuple[str, date], str]
) -> Iterator[dict]:
	for mark in marks:
		student = roster.student(mark.student)
		yield {
			"name": next(names),
			"naming_series": "EDU-ATT-.YYYY.-",
			"student": student.name,
			"student_name": student.full_name,
			"student_mobile_number": student.mobile.raw,
			"student_group": mark.group,
			"date": mark.day,
			"status": mark.status,
			"leave_application": leave_of.get((student.name, mark.day)) if mark.leave else None,
			"docstatus": mark.docstatus,
		}


def examined(roster: Roster) -> list[Group]:
	return [group for group in roster.groups if group.grade in records.EXAMINED]


def assessment(roster: Roster, group: Group) -> dict:
	"""Return the fields that an Assessment Plan and its results share."""
	return {
		"student_group": group.name,
		"program": GRADES[group.grade],
		"course": TAUGHT,
		"academic_year": roster.year.name,
		"assessment_group": FALL,
		"grading_scale": SCALE,
		"docstatus": 1,
	}


def exam_day(roster: Roster) -> date:
	"""Return a day in October, or the last school day so far, so that its results are known."""
	last = min(date(roster.year.start, 10, 15), records.school_days(roster.today, 1)[0])
	return max(last, roster.year.first_day)


def plan_names(roster: Roster) -> dict[str, str]:
	return {g.name: f"EDU-ASP-{roster.year.start}-{n:05d}" for n, g in enumerate(examined(roster), 1)}


def plans(roster: Roster) -> Iterator[dict]:
	names = plan_names(roster)
	for group in examined(roster):
		yield {
			**assessment(roster, group),
			"name": names[group.name],
			"assessment_name": f"{TAUGHT}, {group.name}",
			"schedule_date": exam_day(roster),
			"from_time": "09:00:00",
			"to_time": "10:00:00",
			"maximum_assessment_score": sum(most for _, most in records.CRITERIA),
			"assessment_criteria": [
				{"assessment_criteria": name, "maximum_score": most} for name, most in records.CRITERIA
			],
		}


def results(roster: Roster) -> Iterator[dict]:
	names = plan_names(roster)
	common = {group.name: assessment(roster, group) for group in examined(roster)}
	for number, result in enumerate(records.results(roster), 1):
		yield {
			**common[result.group],
			"name": f"EDU-RES-{roster.year.start}-{number:05d}",
			"assessment_plan": names[result.group],
			"student": result.student,
			"student_name": roster.student(result.student).full_name,
			"maximum_score": sum(most for _, most in records.CRITERIA),
			"total_score": result.total,
			"grade": result.grade,
			"details": [
				{"assessment_criteria": name, "maximum_score": most, "score": score}
				for (name, most), score in zip(records.CRITERIA, result.scores, strict=True)
			],
		}


def charge(roster: Roster, books: Books) -> dict:
	"""Return the fields that a Fee Structure and the Fees made from it share."""
	return {
		"academic_year": roster.year.name,
		"company": COMPANY,
		"receivable_account": books.receivable,
		"income_account": books.income,
		"cost_center": books.cost_center,
		"components": [{"fees_category": name, "amount": amount} for name, amount in records.FEES],
		"docstatus": 1,
	}


def structure_names(roster: Roster) -> list[str]:
	"""Return the name of each grade's Fee Structure."""
	return [f"EDU-FST-{roster.year.start}-{number:05d}" for number, _ in enumerate(GRADES, 1)]


def structures(roster: Roster, books: Books) -> Iterator[dict]:
	for name, program in zip(structure_names(roster), GRADES, strict=True):
		yield {
			**charge(roster, books),
			"name": name,
			"naming_series": "EDU-FST-.YYYY.-",
			"program": program,
			"total_amount": records.WHOLE_FEE,
		}


def fees(roster: Roster, books: Books) -> Iterator[dict]:
	names, common = structure_names(roster), charge(roster, books)
	enrolled = {
		row.student: row for row in roster.enrollments if row.year == roster.year and row.docstatus == 1
	}
	for number, fee in enumerate(records.fees(roster), 1):
		enrollment = enrolled[fee.student]
		yield {
			**common,
			"name": f"EDU-FEE-{roster.year.start}-{number:05d}",
			"naming_series": "EDU-FEE-.YYYY.-",
			"student": fee.student,
			"student_name": roster.student(fee.student).full_name,
			"posting_date": roster.year.first_day,
			"due_date": date(roster.year.start, 9, 30),
			"program_enrollment": enrollment.name,
			"program": GRADES[enrollment.grade],
			"fee_structure": names[enrollment.grade],
			"currency": "USD",
			"grand_total": records.WHOLE_FEE,
			"outstanding_amount": fee.outstanding,
		}
