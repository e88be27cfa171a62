"""The latest submitted assessment result of each student, or those that a rule noticed."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import frappe

from school_dialer.messages.model import EDUCATIONAL, Subject, provides
from school_dialer.messages.providers.case_records import CaseRecords
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
	families, noticed = Families.of(subjects), CaseRecords.of(subjects, "Assessment Result")
	results = read_results(families.students, noticed.names)
	values = {}
	for subject in subjects:
		chosen = noticed.chosen(subject, results, lambda row: row.place == 1)
		values[subject.key] = families.educational_columns(subject, chosen, COLUMNS)
	return values


def read_results(students: list[str], names: list[str]) -> dict[str, list[frappe._dict]]:
	"""Return each student's latest result (``place`` 1) and those of these names."""
	by_student = defaultdict(list)
	if not students or not has("Assessment Result"):
		return by_student
	rows = frappe.db.sql(
		"""select * from (
			select name, student, course, grade, total_score, maximum_score,
				row_number() over (partition by student order by creation desc, name desc) place
			from `tabAssessment Result` where docstatus = 1 and student in %(students)s
		) result where place = 1 or name in %(names)s order by student, place""",
		{"students": tuple(students), "names": tuple(names)},
		as_dict=True,
	)
	for row in rows:
		by_student[row.student].append(row)
	return by_student
