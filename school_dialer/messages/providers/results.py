"""The latest submitted assessment result of each student."""

from decimal import Decimal
from typing import Any

import frappe

from school_dialer.messages.model import EDUCATIONAL, Subject, provides
from school_dialer.messages.providers.education import about_each
from school_dialer.messages.providers.family import Families, has

COURSE = about_each(
	"result_course",
	"Course of the latest result",
	"text",
	EDUCATIONAL,
	"Assessment Result.course",
	"Mathematics",
	"Music",
)
GRADE = about_each(
	"result_grade", "Grade of the latest result", "text", EDUCATIONAL, "Assessment Result.grade", "B", "A"
)
SCORE = about_each(
	"result_score",
	"Score of the latest result",
	"number",
	EDUCATIONAL,
	"Assessment Result.total_score",
	Decimal(82),
	Decimal(95),
)
MOST = about_each(
	"result_maximum",
	"Highest possible score of the latest result",
	"number",
	EDUCATIONAL,
	"Assessment Result.maximum_score",
	Decimal(100),
)
COLUMNS = {
	"result_course": "course",
	"result_grade": "grade",
	"result_score": "total_score",
	"result_maximum": "maximum_score",
}


@provides(COURSE, GRADE, SCORE, MOST)
def provide(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	families = Families.of(subjects)
	latest = read_latest(families.students)
	return {
		subject.key: {
			name: families.educational(subject, {student: row[column] for student, row in latest.items()})
			for name, column in COLUMNS.items()
		}
		for subject in subjects
	}


def read_latest(students: list[str]) -> dict[str, frappe._dict]:
	if not students or not has("Assessment Result"):
		return {}
	rows = frappe.db.sql(
		"""select student, course, grade, total_score, maximum_score from (
			select student, course, grade, total_score, maximum_score,
				row_number() over (partition by student order by creation desc, name desc) place
			from `tabAssessment Result` where docstatus = 1 and student in %s
		) result where place = 1""",
		(tuple(students),),
		as_dict=True,
	)
	return {row.student: row for row in rows}
