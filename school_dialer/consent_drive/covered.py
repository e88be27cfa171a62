"""Coverage of a drive's students: how many have an adult who may be called, by school, class and language.

Each student counts once. The first count is kept when the drive starts, so that its lift can be shown.
"""

from collections import defaultdict
from collections.abc import Iterable

import frappe

from school_dialer.base import clock
from school_dialer.consent_drive import students
from school_dialer.consent_drive.scope import DOCTYPE

BY = ("school", "group", "language")
Count = list[int]
"""[students with an adult who may be called, students]"""


def count(pupils: Iterable[students.Pupil]) -> dict:
	"""Return {"total": [covered, students], "school": {key: [covered, students]}} and so on for `BY`."""
	total: Count = [0, 0]
	by: dict[str, dict[str, Count]] = {kind: defaultdict(lambda: [0, 0]) for kind in BY}
	for pupil in pupils:
		for counted in (total, *(by[kind][getattr(pupil, kind)] for kind in BY)):
			counted[0] += pupil.covered
			counted[1] += 1
	return {"total": total, **{kind: dict(sorted(counts.items())) for kind, counts in by.items()}}


def keep(drive: str) -> dict:
	"""Count now and keep it in the drive. The caller commits."""
	counted = count(students.read_students(frappe.get_doc(DOCTYPE, drive)))
	values = {"coverage_now": frappe.as_json(counted, indent=None), "counted_at": clock.db_now()}
	frappe.db.set_value(DOCTYPE, drive, values, update_modified=False)
	return counted
