"""An emergency of a school is approved by that school's approvers or the district's, and by no other's."""

import frappe
import pytest

from dev.demo.people import APPROVER, MANAGER
from school_dialer import gate
from school_dialer.base import roles, states
from school_dialer.campaigns import actions, notifications
from school_dialer.campaigns.approval import check
from school_dialer.campaigns.planning import planner
from school_dialer.schools import approvers, staff
from tests.integration import districts, emergencies
from tests.integration import factories as make


@pytest.fixture
def schools(school):
	with districts.district("North", "South", committed=True) as made:
		yield made


@pytest.fixture
def people(schools) -> tuple[str, str]:
	"""An approver of the first school by a User Permission, and one of the second by its form."""
	north, south = (districts.lasting_user(name, roles.APPROVER) for name in ("north", "south"))
	districts.permit(north, schools[0], committed=True)
	districts.change(schools[1], approvers=[{"user": south}])
	return north, south


def asked_for(school: str | None):
	doc = make.campaign([make.phone()], purpose="Emergency", school=school, **emergencies.FIRE)
	return emergencies.asked_for([], doc)


def approved_by(user: str, doc) -> bool:
	try:
		emergencies.as_user(user, actions.approve, doc.name)
	except frappe.PermissionError:
		frappe.db.rollback()
		return False
	return frappe.db.get_value("Dialer Campaign", doc.name, "approved_by") == user


def test_who_approves_which_emergency(schools, people):
	north, south = people
	for school, may, may_not in (
		(schools[0], north, south),
		(schools[1], south, north),
	):
		doc = asked_for(school)
		assert not approved_by(may_not, doc) and approved_by(may, doc)
		assert approved_by(APPROVER, asked_for(school))
	of_district = asked_for(None)
	assert not approved_by(north, of_district) and not approved_by(south, of_district)
	assert approved_by(APPROVER, of_district)


def test_the_requester_never_approves_even_as_the_school_s_approver(schools, people):
	north = people[0]
	frappe.get_doc("User", north).add_roles(roles.MANAGER)
	doc = make.campaign([make.phone()], purpose="Emergency", school=schools[0], **emergencies.FIRE)
	frappe.db.commit()
	emergencies.as_user(north, actions.start, doc.name)
	assert not approved_by(north, doc)
	frappe.get_doc("User", north).remove_roles(roles.MANAGER)


def test_rejecting_is_for_the_same_people(schools, people):
	doc = asked_for(schools[0])
	with pytest.raises(frappe.PermissionError):
		emergencies.as_user(people[1], lambda name: actions.reject(name, "no"), doc.name)
	emergencies.as_user(people[0], lambda name: actions.reject(name, "no"), doc.name)
	assert frappe.db.get_value("Dialer Campaign", doc.name, "status") == states.DRAFT


def test_those_who_can_approve_are_notified(schools, people):
	everyone = {*people, APPROVER}
	for school, expected in ((schools[0], people[0]), (schools[1], people[1]), (None, None)):
		row = frappe.db.get_value("Dialer Campaign", asked_for(school).name, ["*"], as_dict=True)
		found = notifications.concerned(row, states.AWAITING) & everyone
		assert found == {APPROVER, expected} - {None}


def test_a_change_of_school_after_the_approval_stops_the_calls(schools, people):
	for change in ({"school": schools[1]}, {"school": None}, {"schools": '["x"]'}):
		doc = asked_for(schools[0])
		emergencies.as_user(people[0], actions.approve, doc.name)
		frappe.db.set_value("Dialer Campaign", doc.name, change)
		frappe.db.commit()
		planner.run(doc.name)
		assert frappe.db.get_value("Dialer Campaign", doc.name, "status") == states.AWAITING
		assert not make.recipients(doc.name)


def test_an_approval_by_another_school_s_approver_does_not_count(schools, people):
	doc = asked_for(schools[0])
	emergencies.as_user(people[0], actions.approve, doc.name)
	frappe.db.set_value("Dialer Campaign", doc.name, "approved_by", people[1])
	frappe.db.commit()
	campaign = frappe.get_doc("Dialer Campaign", doc.name)
	asked = gate.EligibilityCheck("one", make.phone(), None, None)
	answer = gate.ask(gate.CallContext.of(campaign), [asked], make.clock.now())["one"]
	assert "EMERGENCY_NOT_APPROVED" in answer.decision.codes
	assert not check.enforce(campaign)
	status, message = frappe.db.get_value("Dialer Campaign", doc.name, ["status", "status_message"])
	assert status == states.AWAITING and "may not approve" in message


def test_no_one_else_may_approve(schools, people):
	others = staff.with_roles(roles.APPROVER)
	assert approvers.approvers_of(schools[0]) == approvers.approvers_of(None) | {people[0]}
	for user in others - {people[0]}:
		if user not in people:
			districts.permit(user, schools[1], committed=True)
	doc = make.campaign([make.phone()], purpose="Emergency", **emergencies.FIRE)
	frappe.db.commit()
	with pytest.raises(frappe.ValidationError, match="No one else may approve"):
		emergencies.as_user(MANAGER, actions.start, doc.name)


def test_with_one_school_every_approver_approves(school):
	assert approvers.approvers_of(None) == approvers.approvers_of("Any") == staff.with_roles(roles.APPROVER)


def test_only_users_with_the_role_are_named_in_a_school(schools):
	agent = districts.lasting_user("agent", roles.AGENT)
	with pytest.raises(frappe.ValidationError, match="needs the role"):
		districts.change(schools[0], approvers=[{"user": agent}])
	frappe.db.rollback()
