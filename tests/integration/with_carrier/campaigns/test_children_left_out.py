"""A child who may not be named at a shared number: left out of the call, and on record as left out."""

import json

import frappe
import pytest

from school_dialer.audience.barred import BY_COURT_ORDER
from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.compliance.vocabulary import RESTRICTED_CONTACT
from school_dialer.manual_calls import listing
from school_dialer.privacy import person
from tests.integration import factories as make
from tests.integration.privacy.rights import choice
from tests.integration.with_carrier.households import SchoolClass, only
from tests.integration.with_carrier.parties import about, parties_of, permit, text_to
from tests.integration.with_carrier.running import dial, prepare, texts_to


def brothers(number: str, permission: str, **values) -> SchoolClass:
	"""Return a class of two children of Ana, of whom the second one is kept from her."""
	school = SchoolClass([{"Ana": [number]}] * 2, **values)
	permit(school, "Ana", 1, permission)
	return school


def reasons_of(campaign: str) -> dict[str, str | None]:
	"""Return {student: why they are left out}."""
	rows = frappe.get_all("Dialer Party", {"campaign": campaign}, ["student", "reason"], order_by="name")
	return {row.student: row.reason for row in rows}


@pytest.mark.parametrize("permission", ["Emergency Only", BY_COURT_ORDER])
def test_a_child_who_is_left_out_beside_a_sibling_is_on_record(carrier, answering, permission):
	number = make.phone()
	answering(number, "answers")
	school = brothers(number, permission)
	doc = school.campaign()
	prepare(doc)
	mother, first, second = f"{school.tag}-Ana", school.student(0), school.student(1)
	assert parties_of(doc.name) == {(mother, first, number): "Waiting", (mother, second, number): "Withheld"}
	assert reasons_of(doc.name) == {first: None, second: RESTRICTED_CONTACT}
	dial(carrier)
	assert about(doc.name) == [{first}] and only(doc).status == "Reached"
	assert parties_of(doc.name) == {(mother, first, number): "Informed", (mother, second, number): "Withheld"}
	assert reasons_of(doc.name)[second] == RESTRICTED_CONTACT


def test_a_child_who_is_left_out_is_on_record_beside_one_who_is_not_called_about(carrier):
	school = brothers(make.phone(), "Emergency Only", consented=False)
	doc = school.campaign()
	prepare(doc)
	assert only(doc).status == "Blocked"
	why = reasons_of(doc.name)
	assert "NO_CONSENT" in why[school.student(0)] and why[school.student(1)] == RESTRICTED_CONTACT


def test_a_child_who_was_left_out_is_named_once_nothing_keeps_it_from_the_guardian(carrier):
	number = make.phone()
	school = brothers(number, "Emergency Only")
	doc = text_to(school)
	permit(school, "Ana", 1, "All")
	dial(carrier)
	assert about(doc.name) == [{school.student(0), school.student(1)}]
	assert set(parties_of(doc.name).values()) == {"Informed"}


def test_a_child_who_is_left_out_is_on_record_where_one_guardian_is_enough(carrier):
	number, other = make.phone(), make.phone()
	school = SchoolClass([{"Ana": [number, other]}] * 2)
	permit(school, "Ana", 1, "Emergency Only")
	doc = school.campaign(reach=ONE_GUARDIAN)
	prepare(doc)
	assert json.loads(only(doc).students) == [school.student(0)]
	assert reasons_of(doc.name) == {school.student(0): None, school.student(1): RESTRICTED_CONTACT}


def test_who_phones_is_not_shown_a_child_who_is_left_out(carrier):
	school = brothers(make.phone(), "Emergency Only")
	doc = school.campaign()
	prepare(doc)
	fields = ["name", "phone", "person_doctype", "person", "person_name", "language", "students"]
	row = frappe.db.get_value("Dialer Recipient", {"campaign": doc.name}, fields, as_dict=True)
	answers = listing.permitted(doc, listing.with_students([row]))
	assert answers[row.name].decision.verdict != "BLOCK" and row.students == (school.student(0),)


def test_no_ones_own_report_names_a_child_who_is_kept_from_them(carrier):
	school = brothers(make.phone(), BY_COURT_ORDER)
	doc = school.campaign()
	prepare(doc)
	for subject in (person.of_record("Guardian", f"{school.tag}-Ana"), person.of_phone(only(doc).phone)):
		kept = person.export(subject)["kept"]
		assert [row["student"] for row in kept["Dialer Party"]] == [school.student(0)]
	kept = person.export(person.of_record("Student", school.student(1)))["kept"]
	assert [row["state"] for row in kept["Dialer Party"]] == ["Withheld"]


def two_families(shared: str, own: str) -> SchoolClass:
	"""Return a class in which Ana and Rosa share a number, and Ana is on the record of Rosa's child too."""
	school = SchoolClass([{"Ana": [shared]}, {"Rosa": [shared, own], "Ana": [shared]}])
	for index in range(2):
		frappe.db.set_value("Student", school.student(index), {"first_name": f"Child{index}"})
	frappe.db.commit()
	return school


def test_a_child_is_not_named_at_the_number_of_whom_a_safety_hold_keeps_it_from(carrier):
	shared, own = make.phone(), make.phone()
	school = two_families(shared, own)
	choice(school.student(1), "Safety Hold", guardian=f"{school.tag}-Ana")
	text_to(school)
	dial(carrier)
	(words,) = texts_to(carrier, shared)
	assert "Child0" in words and "Child1" not in words
	(words,) = texts_to(carrier, own)
	assert "Child1" in words and "Child0" not in words


def test_a_child_is_not_named_at_the_number_of_whom_a_court_order_bars(carrier):
	shared, own = make.phone(), make.phone()
	school = two_families(shared, own)
	permit(school, "Ana", 1, BY_COURT_ORDER)
	text_to(school)
	dial(carrier)
	(words,) = texts_to(carrier, shared)
	assert "Child0" in words and "Child1" not in words
	(words,) = texts_to(carrier, own)
	assert "Child1" in words and "Child0" not in words
