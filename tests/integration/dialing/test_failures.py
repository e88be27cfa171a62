"""When something of ours breaks: the form says so, and nobody else has to wait for it."""

import frappe
import pytest

from dev.demo.people import APPROVER, MANAGER
from school_dialer.dialing import campaign as actions
from school_dialer.dialing import dispatch, plan, planned, states
from school_dialer.dialing.job import JobFailed
from school_dialer.dialing.planned import add
from tests.integration import factories as make


@pytest.fixture
def staff(school):
	from dev.school import users

	users.create()
	frappe.db.commit()


def broken(campaign: str):
	"""Planning of this one campaign fails, of all others works."""

	def add_unless_broken(doc, options):
		if doc.name == campaign:
			raise RuntimeError("broken on purpose")
		return add(doc, options)

	return add_unless_broken


def test_a_planner_that_breaks_says_so_in_the_form(carrier, monkeypatch):
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number])
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	monkeypatch.setattr(planned, "add", broken(doc.name))
	with pytest.raises(JobFailed):
		plan.run(doc.name)
	doc.reload()
	assert doc.status == states.PREPARING and "tried again" in doc.status_message
	assert "broken on purpose" not in doc.status_message
	monkeypatch.setattr(planned, "add", add)
	plan.run(doc.name)
	doc.reload()
	assert (doc.status, doc.status_message) == (states.RUNNING, None)


def test_a_stuck_emergency_starves_nobody(carrier, posted, answering, staff, monkeypatch):
	number = make.phone()
	make.consent(number)
	answering(number, "answers")
	stuck = make.campaign(
		[make.phone()], purpose="Emergency", emergency_type="Fire", emergency_reason="Smoke in the hall"
	)
	ordinary = make.campaign([number])
	frappe.db.commit()
	frappe.set_user(MANAGER)
	actions.start(stuck.name)
	frappe.db.commit()
	frappe.set_user(APPROVER)
	actions.approve(stuck.name)
	frappe.db.commit()
	frappe.set_user("Administrator")
	actions.start(ordinary.name)
	frappe.db.commit()
	monkeypatch.setattr(planned, "add", broken(stuck.name))
	plan.run(ordinary.name)
	dispatch.run()
	carrier.wait_until_idle()
	frappe.db.rollback()
	assert len(posted(number)) == 1
	stuck.reload()
	assert stuck.status == states.PREPARING and stuck.status_message
