"""Who was planned is called, and about whom, though the records have other names by then."""

import json
from datetime import timedelta

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.base import clock, states
from school_dialer.campaigns import resending
from school_dialer.campaigns.parties import informing
from school_dialer.campaigns.parties import rows as parties
from school_dialer.gate import planned
from school_dialer.outbound.attempts import claims, results
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import factories as make
from tests.integration.with_carrier import corrections
from tests.integration.with_carrier.follow_ups import follow_up
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial, prepare, state_of, texts_to

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


def rename(school: SchoolClass, doctype: str, merge: bool) -> None:
	"""Give the mother or the child of a class another name, or let another record take over."""
	old = f"{school.tag}-Ana" if doctype == "Guardian" else school.student(0)
	new = f"{old}-2"
	if merge and doctype == "Guardian":
		other = frappe.get_doc(doctype, old).as_dict()
		frappe.get_doc({**other, "name": new}).db_insert()
	elif merge:
		links = [{"guardian": f"{school.tag}-Ana", "relation": "Mother"}]
		Bulk().insert("Student", [{"name": new, "student_name": "S", "enabled": 1, "guardians": links}])
	frappe.rename_doc(doctype, old, new, force=True, merge=merge)
	frappe.db.commit()


@pytest.fixture(params=[(doctype, merge) for doctype in ("Guardian", "Student") for merge in (False, True)])
def renamed(request):
	"""Return the function that renames or merges the mother or the child of a class."""
	return lambda school: rename(school, *request.param)


def missed(carrier, answering, **values) -> tuple[SchoolClass, str, frappe._dict]:
	"""Return a class of one family that did not answer, its number, and the campaign."""
	number = make.phone()
	school = SchoolClass([{"Ana": [number]}])
	answering(number, "no answer")
	doc = school.campaign(max_attempts=1, **values)
	prepare(doc)
	dial(carrier)
	return school, number, doc


def test_who_was_not_reached_is_tried_again_under_another_name(carrier, answering, renamed):
	school, number, doc = missed(carrier, answering)
	assert state_of(doc) == states.COMPLETED
	renamed(school)
	assert resending.propose(doc.name)["families"] == 1
	draft = corrections.ours(resending.make(doc.name, "Text"))
	prepare(draft)
	dial(carrier)
	assert len(texts_to(carrier, number)) == 1


def test_who_was_not_reached_long_ago_is_tried_again_under_another_name(carrier, answering, renamed):
	school, number, doc = missed(carrier, answering)
	frappe.db.set_value("Dialer Campaign", doc.name, "ended_at", clock.db_now() - timedelta(days=300))
	renamed(school)
	assert resending.propose(doc.name)["families"] == 1
	draft = corrections.ours(resending.make(doc.name, "Text"))
	prepare(draft)
	dial(carrier)
	assert len(texts_to(carrier, number)) == 1


def test_who_was_not_reached_is_texted_under_another_name(carrier, answering, renamed):
	school, number, doc = missed(carrier, answering, text_fallback=1)
	renamed(school)
	follow_up(doc, carrier)
	dial(carrier)
	assert len(texts_to(carrier, number)) == 1


def test_who_heard_what_was_wrong_hears_so_under_another_name(carrier, answering, posted, renamed):
	number = make.phone()
	school = SchoolClass([{"Ana": [number]}])
	answering(number, "answers")
	doc = school.campaign()
	prepare(doc)
	dial(carrier)
	renamed(school)
	correction = corrections.correct(doc)
	corrections.carry_out(correction, carrier)
	assert corrections.statuses(correction) == {number: "Reached"}
	assert len(posted(number)) == 2


def test_a_call_that_named_a_child_counts_when_the_child_has_another_name_at_its_end(carrier):
	mother = make.phone()
	school = SchoolClass([{"Ana": [mother]}, {"Ana": [mother]}])
	doc = school.campaign()
	prepare(doc)
	dial(carrier)
	rename(school, "Student", merge=False)
	(log,) = frappe.get_all("Dialer Call Log", {"campaign": doc.name}, pluck="name", order_by="name")
	(attempt,) = results.read_attempts([log])
	rows = parties.read([attempt.name])[0][attempt.name]
	spoken = {row.student for row in informing.informed_by(attempt, rows)}
	assert spoken == {f"{school.student(0)}-2", school.student(1)}
