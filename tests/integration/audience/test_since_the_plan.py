"""What changes on the record of someone without students between the plan and the call."""

from dataclasses import replace

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer import gate
from school_dialer.base import clock
from school_dialer.campaigns.call_order import ContactPoint
from school_dialer.campaigns.resends.source import phones_now
from tests.integration import factories as make
from tests.integration.audience.conftest import Place

EVENT = gate.CallContext("Voice", "Event")
URGENT = gate.CallContext("Voice", "Emergency")


def restricted(person: tuple[str, str], number: str, case: gate.CallContext = EVENT) -> bool:
	"""Return whether the gate keeps a planned call from this person, whatever else it says."""
	check = gate.EligibilityCheck("one", number, *person, planned=True)
	return "RESTRICTED_CONTACT" in gate.ask(case, [check], clock.now())["one"].decision.codes


def contact(place: Place, number: str) -> tuple[str, str]:
	name = place.named("Kim")
	Bulk().insert("Contact", [{"name": name, "first_name": "Kim", "mobile_no": number}])
	return "Contact", name


def instructor(place: Place, number: str) -> tuple[str, str]:
	name = place.named("Kim")
	employee = {"employee_name": "Kim", "status": "Active", "cell_number": number}
	Bulk().insert("Employee", [{"name": place.named("Employee"), **employee}])
	teacher = {"instructor_name": "Kim", "employee": place.named("Employee"), "status": "Active"}
	Bulk().insert("Instructor", [{"name": name, **teacher}])
	return "Instructor", name


@pytest.mark.parametrize("case", [EVENT, URGENT])
def test_a_contact_who_unsubscribes_after_the_plan_is_not_called(place: Place, case):
	number = make.phone()
	person = contact(place, number)
	assert not restricted(person, number, case)
	frappe.db.set_value(*person, "unsubscribed", 1)
	assert restricted(person, number, case)
	frappe.db.set_value(*person, "unsubscribed", 0)
	assert not restricted(person, number, case)


@pytest.mark.parametrize("case", [EVENT, URGENT])
def test_the_number_of_an_instructor_that_left_the_record_is_not_called(place: Place, case):
	old, new = make.phone(), make.phone()
	person = instructor(place, old)
	assert not restricted(person, old, case)
	frappe.db.set_value("Employee", place.named("Employee"), "cell_number", new)
	assert restricted(person, old, case) and not restricted(person, new, case)


def test_a_number_of_an_instructor_that_is_written_in_another_way_has_not_left(place: Place):
	number = make.phone()
	person = instructor(place, number)
	frappe.db.set_value("Employee", place.named("Employee"), "cell_number", f"{number} ext. 5")
	assert not restricted(person, number)


def test_a_later_campaign_calls_the_new_number_of_an_instructor(place: Place):
	old, new = make.phone(), make.phone()
	person = instructor(place, old)
	frappe.db.set_value("Employee", place.named("Employee"), "cell_number", new)
	(numbers,) = phones_now([ContactPoint(old, *person, "Kim", "")]).values()
	assert numbers == [new]


def employee(place: Place, number: str) -> tuple[str, str]:
	name = place.named("Kim")
	Bulk().insert(
		"Employee", [{"name": name, "employee_name": "Kim", "status": "Active", "cell_number": number}]
	)
	return "Employee", name


def student(place: Place, number: str) -> tuple[str, str]:
	frappe.db.set_value("Student", place.named("Ana"), "student_mobile_number", number)
	return "Student", place.named("Ana")


LEFT = [
	(contact, {"unsubscribed": 1}),
	(employee, {"status": "Left"}),
	(instructor, {"status": "Left"}),
	(student, {"enabled": 0}),
]


@pytest.mark.parametrize(("person_of", "left"), LEFT)
def test_who_has_left_is_answered_all_the_same(place: Place, person_of, left):
	number = make.phone()
	person = person_of(place, number)
	frappe.db.set_value(*person, left)
	answer = gate.ask_reply(number, clock.now(), clock.now(), *person)
	assert "RESTRICTED_CONTACT" not in answer.decision.codes


@pytest.mark.parametrize(("person_of", "left"), LEFT)
def test_who_has_left_hears_that_a_message_was_wrong_and_nothing_else(place: Place, person_of, left):
	number = make.phone()
	person = person_of(place, number)
	frappe.db.set_value(*person, left)
	assert restricted(person, number)
	assert not restricted(person, number, replace(EVENT, corrects="another campaign"))


def test_a_guardian_is_answered_when_the_student_has_left(place: Place):
	number, mother, student = place.phones["Mother"], place.named("Mother"), place.named("Ben")
	frappe.db.set_value("Student", student, "enabled", 0)

	def kept_from_answer() -> bool:
		asked = gate.ask_reply(number, clock.now(), clock.now(), "Guardian", mother, (student,))
		return "RESTRICTED_CONTACT" in asked.decision.codes

	assert not kept_from_answer()
	assert gate.heard_about(number, mother, [student]) == ()
	link = {"parent": student, "guardian": mother}
	frappe.db.set_value("Student Guardian", link, "dialer_contact_permission", "None by Court Order")
	assert kept_from_answer()
