"""Whom an approver did not see is not called: a request fixes the people, not only the choice of them."""

import frappe
import pytest

from dev.demo.people import APPROVER, MANAGER
from dev.school import users
from school_dialer.base import states
from school_dialer.campaigns import actions
from school_dialer.campaigns.approval import changes, people, seal
from school_dialer.campaigns.planning import planner
from school_dialer.compliance.vocabulary import RESTRICTED_CONTACT
from school_dialer.desk import decisions
from school_dialer.gate import planned
from school_dialer.reporting import rehearsal
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial


@pytest.fixture(autouse=True)
def staff(school) -> None:
	users.create()
	frappe.db.commit()


@pytest.fixture
def seen() -> SchoolClass:
	return SchoolClass([{"Ana": [make.phone()]}])


def asked_for(seen: SchoolClass):
	return emergencies.asked_for([], doc=seen.campaign(purpose="Emergency", **emergencies.FIRE))


def added_to(seen: SchoolClass) -> str:
	"""Add a family to the class past its form, and return the family's number."""
	number = make.phone()
	family = SchoolClass([{"Eve": [number]}])
	row = {"doctype": "Student Group Student", "parenttype": "Student Group", "parentfield": "students"}
	frappe.get_doc({**row, "parent": seen.group, "student": family.student(0), "active": 1}).db_insert()
	frappe.db.commit()
	return number


def statuses(doc) -> dict[str, tuple[str, str]]:
	frappe.db.rollback()
	return {
		row.phone: (row.status, row.reasons)
		for row in make.recipients(doc.name, "phone", "status", "reasons")
	}


def notices_of(doc, user: str) -> list[str]:
	"""Return the notifications to a user that people of the campaign are not called."""
	subjects = frappe.get_all(
		"Notification Log", {"for_user": user, "document_name": doc.name}, pluck="subject"
	)
	return [subject for subject in subjects if "Some people are not called" in subject]


@pytest.mark.parametrize("after_approval", [False, True])
def test_who_was_added_since_is_not_called(carrier, posted, answering, seen, after_approval):
	(number,) = seen.numbers["Ana"]
	answering(number, "answers")
	doc = asked_for(seen)
	if after_approval:
		emergencies.approve(doc.name)
	stranger = added_to(seen)
	if not after_approval:
		emergencies.approve(doc.name)
	planner.run(doc.name)
	assert statuses(doc)[stranger] == (states.BLOCKED, planned.ADDED)
	dial(carrier, emergency=True)
	assert (len(posted(number)), len(posted(stranger))) == (1, 0)
	for user in (MANAGER, APPROVER):
		assert notices_of(doc, user), user
	name = frappe.db.get_value("Dialer Recipient", {"campaign": doc.name, "phone": stranger})
	found = decisions.explain("Dialer Recipient", name)
	assert (found["verdict"], found["reasons"][-1]["title"]) == (
		"BLOCK",
		"Added after approval was asked for",
	)


def test_the_approver_sees_them_and_asked_again_they_are_called(seen):
	doc = asked_for(seen)
	stranger = added_to(seen)
	shown = rehearsal.as_if_approved(frappe.get_doc("Dialer Campaign", doc.name))
	codes = {option.phone: option.codes for option in planner.preview(shown)}
	assert codes[stranger] == (planned.ADDED,)
	emergencies.as_user(MANAGER, actions.ask_again, doc.name)
	emergencies.approve(doc.name)
	planner.run(doc.name)
	assert {status for status, _reasons in statuses(doc).values()} == {"Pending"}


def test_a_number_that_they_share_is_called_about_those_who_were_seen(carrier, answering, seen):
	(number,) = seen.numbers["Ana"]
	answering(number, "answers")
	doc = asked_for(seen)
	stranger = added_to(seen)
	frappe.db.sql("update `tabGuardian` set mobile_number = %s where mobile_number = %s", (number, stranger))
	frappe.db.commit()
	emergencies.approve(doc.name)
	planner.run(doc.name)
	(row,) = make.recipients(doc.name, "name", "status", "students")
	assert (row.status, row.students) == ("Pending", f'["{seen.student(0)}"]')
	assert notices_of(doc, MANAGER), "there is no recipient who is Blocked, but someone is not told"
	dial(carrier, emergency=True)
	called = frappe.get_all("Dialer Call Log", {"campaign": doc.name}, pluck="students")
	assert called == [f'["{seen.student(0)}"]']
	(left_out,) = frappe.get_all(
		"Dialer Party", {"parent": row.name, "state": "Withheld"}, ["person", "reason"]
	)
	assert left_out.person.endswith("-Eve") and left_out.reason == planned.ADDED


def test_of_two_who_may_not_be_called_who_was_added_joins_no_one(seen):
	"""Else the gate would let that one be called as soon as the other may be."""
	doc = asked_for(seen)
	(number,) = seen.numbers["Ana"]
	stranger = added_to(seen)
	frappe.db.sql("update `tabGuardian` set mobile_number = %s where mobile_number = %s", (number, stranger))
	frappe.db.sql(
		"""update `tabStudent Guardian` set dialer_contact_permission = 'None by Court Order'
		where parent = %s""",
		seen.student(0),
	)
	frappe.db.commit()
	shown = rehearsal.as_if_approved(frappe.get_doc("Dialer Campaign", doc.name))
	(option,) = planner.preview(shown)
	assert option.codes != (planned.ADDED,)
	assert {point.person.rpartition("-")[2]: why for point, why in option.withheld} == {
		"Ana": RESTRICTED_CONTACT,
		"Eve": planned.ADDED,
	}


def test_who_was_renamed_meanwhile_is_called(seen):
	doc = asked_for(seen)
	frappe.rename_doc("Guardian", f"{seen.tag}-Ana", f"{seen.tag}-Ana Maria", force=True)
	frappe.db.commit()
	emergencies.approve(doc.name)
	planner.run(doc.name)
	assert {status for status, _reasons in statuses(doc).values()} == {"Pending"}


def test_a_record_of_people_that_was_changed_lets_no_one_be_called(carrier, posted, seen):
	(number,) = seen.numbers["Ana"]
	doc = asked_for(seen)
	emergencies.approve(doc.name)
	stranger = added_to(seen)
	everyone = people.text_of(frappe.get_doc("Dialer Campaign", doc.name))
	frappe.db.set_value("Dialer Campaign", doc.name, "asked_people", everyone, update_modified=False)
	frappe.db.commit()
	planner.run(doc.name)
	dial(carrier, emergency=True)
	assert not posted(number) and not posted(stranger)


def test_a_list_of_names_keeps_no_record_of_people():
	doc = emergencies.asked_for([make.phone()])
	text, kept = frappe.db.get_value("Dialer Campaign", doc.name, ["asked_seal", "asked_people"])
	assert kept is None and seal.parse_request(doc.name, text).people == ""


def test_a_request_of_before_is_planned_as_it_was(seen, monkeypatch):
	monkeypatch.setattr(people, "text_of", lambda _campaign: None)
	doc = asked_for(seen)
	emergencies.approve(doc.name)
	stranger = added_to(seen)
	planner.run(doc.name)
	assert changes.changes_of(doc.name) == [] and statuses(doc)[stranger][0] == "Pending"


def test_an_emergency_whose_audience_could_not_be_read_calls_them_once_it_can(seen, monkeypatch):
	"""It was stopped for that. If no one had been recorded, no one would be called after its approval."""
	with monkeypatch.context() as patch:
		patch.setattr(people, "people_of", unreadable)
		doc = asked_for(seen)
	emergencies.approve(doc.name)
	planner.run(doc.name)
	assert {status for status, _reasons in statuses(doc).values()} == {"Pending"}


def unreadable(_source):
	raise frappe.ValidationError("There is no such group.")


def test_the_form_does_without_the_record_and_keeps_it(seen):
	doc = frappe.get_doc("Dialer Campaign", asked_for(seen).name)
	kept = doc.asked_people
	doc.run_method("onload")
	assert kept and doc.asked_people is None
	doc.save()
	assert frappe.db.get_value("Dialer Campaign", doc.name, "asked_people") == kept


def test_the_record_names_no_one(seen):
	doc = asked_for(seen)
	kept = frappe.db.get_value("Dialer Campaign", doc.name, "asked_people")
	assert len(people.read(kept)) == 1 and seen.tag not in kept
