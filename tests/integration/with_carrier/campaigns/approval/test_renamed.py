"""What was asked for stays what it is when a record that it names gets another name."""

import json

import frappe
import pytest

from dev.demo.people import APPROVER
from dev.school.bulk import Bulk
from school_dialer.base import states
from school_dialer.campaigns.approval import check
from school_dialer.campaigns.planning import planner
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass


@pytest.fixture
def school_class(carrier) -> SchoolClass:
	"""Return a class of two children, of whom the first is in a second group of its own as well."""
	made = SchoolClass([{"Ana": [make.unlisted_phone()]}, {"Omar": [make.unlisted_phone()]}])
	group(second_group(made), made.student(0))
	return made


def group(name: str, student: str) -> None:
	members = [{"student": student, "active": 1}]
	Bulk().insert("Student Group", [{"name": name, "student_group_name": name, "students": members}])
	frappe.db.commit()


def second_group(school_class: SchoolClass) -> str:
	return f"{school_class.tag}-bus 7"


def asked_for(school_class: SchoolClass, part: str = "except"):
	"""Return an emergency that waits for its approval: the class, with a condition on the second group."""
	filters = {part: [{"kind": "Student Group", "names": [second_group(school_class)]}]}
	doc = school_class.campaign(purpose="Emergency", audience_filters=json.dumps(filters), **emergencies.FIRE)
	return emergencies.asked_for([], doc)


def rename(doctype: str, old: str, new: str, merge: bool = False) -> None:
	frappe.rename_doc(doctype, old, new, force=True, merge=merge)
	frappe.db.commit()


def called(doc) -> set[str]:
	planner.run(doc.name)
	rows = make.recipients(doc.name, "person_name", "status")
	return {row.person_name for row in rows if row.status not in (states.BLOCKED, states.CANCELLED)}


def status_of(doc) -> str:
	return frappe.db.get_value("Dialer Campaign", doc.name, "status")


@pytest.mark.parametrize(("part", "families"), [("except", {"Omar"}), ("only", {"Ana"})])
def test_an_emergency_is_approved_though_a_group_in_it_got_another_name(school_class, part, families):
	doc = asked_for(school_class, part)
	rename("Student Group", second_group(school_class), f"{school_class.tag}-bus 8")
	rename("Student Group", school_class.group, f"{school_class.tag}-class 5")
	emergencies.approve(doc.name)
	assert called(doc) == families


def test_an_emergency_goes_on_though_its_group_gets_another_name(school_class):
	doc = asked_for(school_class)
	emergencies.approve(doc.name)
	assert called(doc) == {"Omar"}
	rename("Student Group", school_class.group, f"{school_class.tag}-class 5")
	rename("Student Group", second_group(school_class), f"{school_class.tag}-bus 8")
	check.compare_running()
	assert status_of(doc) == states.RUNNING


def test_what_is_planned_again_leaves_out_whom_it_left_out(school_class):
	doc = asked_for(school_class)
	emergencies.approve(doc.name)
	assert called(doc) == {"Omar"}
	rename("Student Group", second_group(school_class), f"{school_class.tag}-bus 8")
	frappe.db.set_value("Dialer Campaign", doc.name, "details", "Go to the gym.")
	frappe.db.commit()
	check.compare_running()
	assert status_of(doc) == states.AWAITING
	emergencies.approve(doc.name)
	assert called(doc) == {"Omar"}


def test_a_group_that_becomes_one_with_another_is_asked_for_again(school_class):
	other = f"{school_class.tag}-other"
	group(other, school_class.student(1))
	doc = asked_for(school_class)
	rename("Student Group", school_class.group, other, merge=True)
	with pytest.raises(check.Changed):
		emergencies.approve(doc.name)


def test_what_was_changed_before_is_asked_for_again(school_class):
	doc = asked_for(school_class)
	frappe.db.set_value("Dialer Campaign", doc.name, "audience_filters", None)
	rename("Student Group", school_class.group, f"{school_class.tag}-class 5")
	with pytest.raises(check.Changed):
		emergencies.approve(doc.name)
	assert frappe.db.get_value("Dialer Campaign", doc.name, "approved_by") != APPROVER
