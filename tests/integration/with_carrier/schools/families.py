"""Families with children at one or several schools, and calls in the name of a school."""

import frappe

from school_dialer.base import clock
from school_dialer.base.database.rows import insert
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass


def family(*of_schools: str | None) -> tuple[str, SchoolClass]:
	"""Return the number of a mother of students of these schools, and their class."""
	mother = make.unlisted_phone()
	pupils = SchoolClass([{"Rosa": [mother]} for _ in of_schools])
	for index, school in enumerate(of_schools):
		move(pupils, index, school)
	return mother, pupils


def move(pupils: SchoolClass, index: int, school: str | None) -> None:
	frappe.db.set_value("Student", pupils.student(index), "dialer_school", school)
	frappe.db.commit()


def called(number: str, school: str | None) -> None:
	row = {"name": frappe.generate_hash(length=12), "direction": "Outbound", "channel": "Voice"}
	row |= {"phone": number, "verdict": "ALLOW", "placed_at": clock.db_now(), "school": school}
	row |= {"students": "[]", "status": "completed", "status_rank": 90, "purpose": "Event"}
	insert("Dialer Call Log", [row])
	frappe.db.commit()
