"""Fill the field School of students, from what is on record on a day.

What staff or a roster wrote stays. Otherwise a hook of another app decides, then the student's programs, then
their groups (`candidates`). Of several schools the student's present one stays; the report Students without
a School lists them. A student of whom nothing is on record keeps the school they have.
"""

from collections.abc import Collection, Iterator
from datetime import date

import frappe

from school_dialer.base import clock
from school_dialer.base.database.rows import update_each
from school_dialer.base.jobs import job
from school_dialer.schools import belonging, candidates, registry

STUDENT = "Student"
FROM = "dialer_school_from"
"""The field that says where the school comes from: blank for what was written by hand."""
FIRST = "First"
"""The source of what was the site's only school."""
CHUNK = 1000


@job
def daily() -> None:
	"""Place every student as of today (background job). Commits each chunk."""
	if not ready():
		return
	for chunk in chunks():
		place(chunk)
		frappe.db.commit()


@job
def place_soon(students: list[str]) -> None:
	"""Place these students (background job)."""
	for start in range(0, len(students), CHUNK):
		place(students[start : start + CHUNK])
		frappe.db.commit()


def ready() -> bool:
	"""Return True on a district's site that has students with the fields."""
	return registry.is_district() and all(
		candidates.readable(STUDENT, field) for field in (belonging.FIELD, FROM)
	)


def chunks() -> Iterator[list[str]]:
	after = ""
	while rows := frappe.get_all(STUDENT, {"name": (">", after)}, pluck="name", order_by="name", limit=CHUNK):
		yield rows
		after = rows[-1]


def place(students: Collection[str], day: date | None = None) -> dict[str, str]:
	"""Write the school of each of these students that changes, and return {student: school}.

	`day` is today by default. Runs a fixed number of queries.
	"""
	if not students or not ready():
		return {}
	now = {
		row.name: row
		for row in frappe.get_all(
			STUDENT, {"name": ("in", list(students))}, ["name", belonging.FIELD, FROM], order_by=None
		)
	}
	open_to = [name for name, row in now.items() if row[FROM] or not row[belonging.FIELD]]
	by_name = candidates.candidates_of(open_to, day or clock.db_now().date())
	changes = {}
	for name, candidate in by_name.items():
		present = now[name][belonging.FIELD]
		school = present if present in candidate.schools else candidate.schools[0]
		if (school, candidate.source) != (present, now[name][FROM]):
			changes[name] = {belonging.FIELD: school, FROM: candidate.source}
	update_each(STUDENT, changes)
	for name in changes:
		frappe.clear_document_cache(STUDENT, name)
	return {name: values[belonging.FIELD] for name, values in changes.items()}


def in_question(students: Collection[str], day: date) -> dict[str, tuple[str, ...]]:
	"""Return the students who have several schools on record, unless the school was chosen by hand."""
	by_hand = {
		row.name
		for row in frappe.get_all(
			STUDENT, {"name": ("in", list(students))}, ["name", belonging.FIELD, FROM], order_by=None
		)
		if row[belonging.FIELD] and not row[FROM]
	}
	by_name = candidates.candidates_of([student for student in students if student not in by_hand], day)
	return {name: candidate.schools for name, candidate in by_name.items() if len(candidate.schools) > 1}


# Doc events. They do nothing outside a district.


def on_student(doc, method: str | None = None) -> None:
	"""Note what was written by hand (validate): it stays. A field that was emptied is filled again."""
	if not doc.meta.has_field(FROM):
		return
	before = doc.get_doc_before_save()
	if not before:
		doc.set(FROM, None)
	elif (before.get(belonging.FIELD) or "") != (doc.get(belonging.FIELD) or ""):
		doc.set(FROM, None)
	else:
		doc.set(FROM, before.get(FROM))


def on_new_student(doc, method: str | None = None) -> None:
	"""Ask other apps where a new student belongs (after_insert)."""
	if frappe.get_hooks(candidates.HOOK):
		place([doc.name])


def on_enrolment(doc, method: str | None = None) -> None:
	"""Place the student again (Program Enrollment on_submit, on_cancel, on_update_after_submit)."""
	place([doc.student])


def on_group(doc, method: str | None = None) -> None:
	"""Place the members of a group again, and those who were (Student Group on_update)."""
	if not ready():
		return
	before = doc.get_doc_before_save()
	rows = [*doc.students, *(before.students if before else ())]
	members = sorted({row.student for row in rows if row.student})
	changed = (before and before.get(belonging.FIELD)) or doc.get(belonging.FIELD)
	if members and changed:
		place_later(members)


def on_program(doc, method: str | None = None) -> None:
	"""Place the students of a program again whose school was changed (Program on_update)."""
	if not (
		ready()
		and doc.has_value_changed(belonging.FIELD)
		and candidates.readable("Program Enrollment", "student")
	):
		return
	students = frappe.get_all(
		"Program Enrollment",
		{"program": doc.name, "docstatus": 1},
		pluck="student",
		distinct=True,
		order_by=None,
	)
	if students:
		place_later(sorted(students))


def place_later(students: list[str]) -> None:
	"""Place few students at once, and many in a job after the commit."""
	if len(students) <= CHUNK:
		place(students)
	else:
		frappe.enqueue(
			"school_dialer.schools.placement.place_soon",
			queue="long",
			enqueue_after_commit=True,
			students=students,
		)
