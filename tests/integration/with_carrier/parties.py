"""Families that share a number, and who is informed about whom in the calls to it."""

import json

import frappe

from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import prepare

WORDS = {
	"voice": "News about {{ student_names }}.",
	"voicemail": "Please call us back.",
	"text": "News about {{ student_names }}.",
}


def parties_of(campaign: str) -> dict[tuple[str, str, str], str]:
	"""Return {(person, student, phone): state}."""
	rows = frappe.get_all(
		"Dialer Party", {"campaign": campaign}, ["person", "student", "phone", "state"], order_by="name"
	)
	return {(row.person, row.student, row.phone): row.state for row in rows}


def about(campaign: str) -> list[set[str]]:
	rows = frappe.get_all("Dialer Call Log", {"campaign": campaign}, pluck="students", order_by="placed_at")
	return [set(json.loads(students)) for students in rows]


def family(*guardians: str, number: str, consented: bool = True, **values):
	"""Return a class of one child for each guardian, all with one number, and a campaign to them."""
	school = SchoolClass([{name: [number]} for name in guardians], consented)
	for index in range(len(guardians)):
		frappe.db.set_value("Student", school.student(index), {"first_name": f"Child{index}"})
	frappe.db.commit()
	return school, school.campaign(template=make.template("Event", said=WORDS), **values)


def permit(school: SchoolClass, guardian: str, child: int, permission: str) -> None:
	link = {"parent": school.student(child), "guardian": f"{school.tag}-{guardian}"}
	frappe.db.set_value("Student Guardian", link, "dialer_contact_permission", permission)
	frappe.db.commit()


def text_to(school: SchoolClass, **values):
	doc = school.campaign(template=make.template("Event", said=WORDS), channel="Text", **values)
	prepare(doc)
	return doc
