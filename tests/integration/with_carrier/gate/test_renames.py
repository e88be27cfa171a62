"""Who was planned is called, and about whom, though the records have other names by then."""

import json

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.gate import planned
from school_dialer.outbound.attempts import claims
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial, prepare

SEALED = ("name", "seal", *planned.FIELDS)


@pytest.mark.parametrize("merge", [False, True])
def test_whose_record_is_renamed_or_merged_is_called(carrier, posted, merge):
	mother, home = make.phone(), make.phone()
	school = SchoolClass([{"Ana": [mother, home]}])
	doc = school.campaign()
	prepare(doc)
	new = f"{school.tag}-Anna"
	if merge:
		make.guardian("Anna", mother, home)
		new = frappe.db.get_value("Guardian", {"guardian_name": "Anna", "mobile_number": mother})
	frappe.rename_doc("Guardian", f"{school.tag}-Ana", new, force=True, merge=merge)
	frappe.db.commit()
	dispatcher.run()
	carrier.wait_until_idle()
	frappe.db.rollback()
	assert len(posted(mother)) == 1


@pytest.mark.parametrize("merge", [False, True])
@pytest.mark.parametrize("name", ["Anna", 'José "Pepe" 100%'])
def test_a_student_who_is_renamed_or_merged_is_called_about(carrier, posted, name, merge):
	mother = make.phone()
	school = SchoolClass([{"Ana": [mother]}, {"Ana": [mother]}])
	doc = school.campaign()
	prepare(doc)
	new = f"{school.tag}-{name}"
	if merge:
		other = {"name": new, "first_name": name, "student_name": name, "enabled": 1}
		Bulk().insert("Student", [{**other, "guardians": [{"guardian": f"{school.tag}-Ana"}]}])
	frappe.rename_doc("Student", school.student(0), new, force=True, merge=merge)
	frappe.db.commit()
	dispatcher.run()
	carrier.wait_until_idle()
	frappe.db.rollback()
	assert len(posted(mother)) == 1
	students = frappe.db.get_value("Dialer Recipient", {"campaign": doc.name}, "students")
	assert set(json.loads(students)) == {new, school.student(1)}


def test_the_next_person_of_a_household_keeps_the_place_under_a_new_name(carrier, posted):
	mother, father = make.phone(), make.phone()
	school = SchoolClass([{"Ana": [mother], "José": [father]}])
	doc = school.campaign(reach=ONE_GUARDIAN)
	prepare(doc)
	(name,) = frappe.get_all("Dialer Recipient", {"campaign": doc.name}, pluck="name", order_by="name")
	for guardian in ("Ana", "José"):
		frappe.rename_doc("Guardian", f"{school.tag}-{guardian}", f"{school.tag}-{guardian} 2", force=True)
	assert frappe.db.get_value("Dialer Recipient", name, "person") == f"{school.tag}-Ana 2"
	assert [line.person for line in make.lines(name)] == [f"{school.tag}-Ana 2", f"{school.tag}-José 2"]
	assert planned.divided(make.recipients(doc.name, *SEALED))[1] == []


def test_whose_record_is_renamed_after_the_claim_is_claimed_again(carrier, posted):
	mother = make.phone()
	school = SchoolClass([{"Ana": [mother]}])
	doc = school.campaign()
	prepare(doc)
	claimed = claims.claim(doc.name, 5)
	frappe.rename_doc("Guardian", f"{school.tag}-Ana", f"{school.tag}-Anna", force=True)
	frappe.db.commit()
	assert claims.still_due(doc.name, claimed) == []
	frappe.db.commit()
	(again,) = claims.claim(doc.name, 5)
	assert again.person == f"{school.tag}-Anna"
	assert claims.still_due(doc.name, [again]) == [again]
	claims.release([again])
	frappe.db.commit()
	dial(carrier)
	assert len(posted(mother)) == 1
	assert planned.divided(make.recipients(doc.name, *SEALED))[1] == []
