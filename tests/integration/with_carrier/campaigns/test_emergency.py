"""Emergencies: they take two people and need no consent, and still not everyone is called."""

import frappe
import pytest

from dev.demo.people import APPROVER, MANAGER
from school_dialer.base import states
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.consent import ledger
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import emergencies
from tests.integration import factories as make


@pytest.fixture(autouse=True)
def staff(school):
	from dev.school import users

	users.create()
	frappe.db.commit()


def emergency(numbers):
	return make.campaign(numbers, purpose="Emergency", **emergencies.FIRE)


def test_second_person_approves_and_consent_is_waived(carrier, posted, answering):
	stranger, refuser = make.phone(), make.phone()
	ledger.opt_out(refuser, scope="everything", evidence=make.evidence("Agent"))
	answering(stranger, "answers")
	doc = emergency([stranger, refuser])
	frappe.db.commit()
	frappe.set_user(MANAGER)
	assert actions.start(doc.name) == states.AWAITING
	frappe.db.commit()
	with pytest.raises(frappe.PermissionError):
		actions.approve(doc.name)
	frappe.set_user(APPROVER)
	actions.approve(doc.name)
	frappe.db.commit()
	frappe.set_user("Administrator")
	planner.run(doc.name)
	dispatcher.run(emergency=True)
	carrier.wait_until_idle()
	frappe.db.rollback()
	assert {row.phone: row.status for row in make.recipients(doc.name)} == {
		stranger: "Reached",
		refuser: "Blocked",
	}
	assert len(posted(stranger)) == 1 and not posted(refuser)


def test_no_one_approves_their_own(school):
	doc = emergency([make.phone()])
	frappe.db.commit()
	frappe.get_doc("User", APPROVER).add_roles("Dialer Manager")
	frappe.set_user(APPROVER)
	try:
		actions.start(doc.name)
		with pytest.raises(frappe.PermissionError, match="second person"):
			actions.approve(doc.name)
	finally:
		frappe.set_user("Administrator")
		frappe.db.rollback()


def test_an_emergency_needs_its_kind(school):
	with pytest.raises(frappe.ValidationError):
		make.campaign(purpose="Emergency")
