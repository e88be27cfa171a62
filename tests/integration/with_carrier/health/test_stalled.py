"""Calls are due and nothing moves: it is found, alerted once, and alerted again when it is over."""

from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock, states
from school_dialer.base.jobs import JobFailed
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.health import alert, movement
from school_dialer.health.finding import FAIL, OK
from school_dialer.outbound.attempts import claims
from school_dialer.schools import staff, users
from tests.integration import factories as make

pytestmark = pytest.mark.dates

STALLED = "Calls are due and nothing moves%"
WELL = "The dialer is well again%"


@pytest.fixture
def quiet(school):
	"""Forget all incidents before and after the test, and let the site's own campaigns wait meanwhile.

	A site on which `make demo` ran has people who wait for calling hours.
	"""
	forget()
	calling = {"status": ("in", (states.PREPARING, states.RUNNING, states.SCHEDULED))}
	others = frappe.get_all("Dialer Campaign", calling, ["name", "status"], order_by="name")
	for other in others:
		frappe.db.set_value("Dialer Campaign", other.name, "status", states.PAUSED, update_modified=False)
	frappe.db.commit()
	yield
	forget()
	for other in others:
		frappe.db.set_value("Dialer Campaign", other.name, "status", other.status, update_modified=False)
	frappe.db.commit()


def forget() -> None:
	frappe.db.rollback()
	frappe.db.set_single_value("Dialer Settings", alert.SINCE, None, update_modified=False)
	for subject in (STALLED, WELL):
		frappe.db.delete("Notification Log", {"subject": ("like", subject)})
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


@pytest.fixture
def due(carrier, quiet) -> str:
	"""Return a campaign with three due recipients and no worker that calls them."""
	numbers = [make.phone() for _ in range(3)]
	for number in numbers:
		make.consent(number)
	doc = make.campaign(numbers)
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	return doc.name


def bells(subject: str) -> list[str]:
	return frappe.get_all(
		"Notification Log", {"subject": ("like", subject)}, pluck="for_user", order_by="for_user"
	)


def concerned() -> set[str]:
	"""Return those who look after the whole site: on a site with the demo's district, not a school's own."""
	return users.of_district(staff.with_roles("System Manager", "Dialer Manager"))


def test_nothing_is_due(quiet):
	assert movement.backlog().since is None
	assert movement.calls_due().state == OK
	alert.watch()
	assert not bells(STALLED) and not bells(WELL)


def test_due_for_a_short_while_is_fine(due, pass_time):
	pass_time(minutes=4)
	found = movement.calls_due()
	assert found.state == OK and found.figures["due"] == 3
	assert 200 < found.figures["oldest_due_seconds"] < 300
	alert.watch()
	assert not bells(STALLED)


def test_an_incident_is_told_once_and_its_end_too(due, pass_time):
	pass_time(minutes=6)
	found = movement.calls_due()
	assert found.state == FAIL and "Waiting: 3" in found.text
	alert.watch()
	alert.watch()
	assert set(bells(STALLED)) == concerned() and len(bells(STALLED)) == len(concerned())
	assert not bells(WELL)
	claims.claim(due, 1)
	frappe.db.commit()
	alert.watch()
	alert.watch()
	assert set(bells(WELL)) == concerned() and len(bells(WELL)) == len(concerned())
	pass_time(minutes=13)
	alert.watch()
	assert len(bells(STALLED)) == 2 * len(concerned())


def test_what_ends_an_incident_may_be_that_no_one_is_due(due, pass_time):
	pass_time(minutes=6)
	alert.watch()
	actions.cancel(due)
	frappe.db.commit()
	alert.watch()
	assert len(bells(WELL)) == len(concerned())


def test_a_request_that_began_is_a_move(due, log, pass_time):
	pass_time(minutes=6)
	assert movement.calls_due().state == FAIL
	frappe.db.set_value("Dialer Call Log", log, {"campaign": due, "placed_at": clock.db_now()})
	assert movement.calls_due().state == OK


def test_a_campaign_that_is_paused_waits_for_a_person(due, pass_time):
	actions.pause(due)
	pass_time(hours=2)
	assert movement.backlog().since is None
	actions.resume(due)
	assert movement.backlog().age(clock.now()) < timedelta(minutes=1)


def test_a_start_that_does_not_come_and_a_planner_that_is_gone(carrier, quiet, pass_time):
	doc = make.campaign([make.phone()])
	doc.db_set({"status": states.SCHEDULED, "scheduled_at": clock.db_now()})
	pass_time(minutes=6)
	assert movement.calls_due().state == FAIL
	now = clock.db_now()
	doc.db_set({"status": states.PREPARING, "started_at": now - timedelta(minutes=6), "heartbeat_at": None})
	assert movement.calls_due().state == FAIL
	doc.db_set("heartbeat_at", now)
	assert movement.calls_due().state == OK


def test_an_emergency_that_moves_keeps_others_from_being_an_incident(due, pass_time):
	pass_time(minutes=6)
	other = make.campaign([make.phone()])
	other.db_set({"purpose": "Emergency", "status": states.RUNNING, "started_at": clock.db_now()})
	frappe.db.sql(
		"update `tabDialer Recipient` set campaign = %s where campaign = %s limit 1", (other.name, due)
	)
	assert movement.calls_due().state == OK


def test_the_alert_travels_by_mail_without_a_name_or_number(due, pass_time, monkeypatch):
	sent = []
	monkeypatch.setattr(staff, "mail", lambda to, subject, **more: sent.append((to, subject, more)))
	pass_time(minutes=6)
	alert.watch()
	((to, subject, more),) = sent
	assert users.of_district(to) == concerned()
	people = make.recipients(due, "phone", "person_name")
	assert not any(one.phone[-7:] in subject + more["message"] for one in people)


def test_mail_that_cannot_go_out_leaves_the_bells(due, pass_time, monkeypatch):
	def broken(*given, **more):
		raise OSError

	monkeypatch.setattr(staff, "mail", broken)
	pass_time(minutes=6)
	with pytest.raises(JobFailed):
		alert.watch()
	alert.watch()
	frappe.db.rollback()
	assert len(bells(STALLED)) == len(concerned())


def test_saving_the_settings_does_not_end_an_incident(due, pass_time):
	doc = frappe.get_doc("Dialer Settings")
	pass_time(minutes=6)
	alert.watch()
	doc.stalled_since = None
	doc.save()
	assert alert.since()
