"""An emergency that the carrier refuses: it goes on, and its approvers learn of the trouble."""

import frappe
import pytest

from dev.demo.people import APPROVER
from dev.demo.stage import SENDER
from school_dialer.base import states
from school_dialer.campaigns import actions, notifications, transitions
from school_dialer.campaigns.planning import planner
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.outbound.pace import resting_numbers
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.idling import IdleTime
from tests.integration.with_carrier.outbound.pace.refusals import message_says, reports, states_of
from tests.integration.with_carrier.running import dial, dial_until

pytestmark = pytest.mark.exhaustive

OTHER = "+13125550111"


@pytest.fixture
def two_numbers(carrier):
	doc = frappe.get_doc("Dialer Settings")
	doc.append(
		"sending_numbers",
		{"phone_number": OTHER, "channel": "Voice and Text", "calls_per_second": 40, "enabled": 1},
	)
	doc.save()
	frappe.db.commit()
	yield
	doc = frappe.get_doc("Dialer Settings")
	doc.sending_numbers = [row for row in doc.sending_numbers if row.phone_number != OTHER]
	doc.save()
	frappe.db.commit()


@pytest.fixture
def other_first(monkeypatch) -> None:
	"""Let SENDER wait until the other number rests. Otherwise it may reach everybody before that."""
	is_resting_for = resting_numbers.is_resting_for

	def waits(campaign, line) -> bool:
		waiting = not resting_numbers.is_resting(campaign.name, campaign.channel, OTHER)
		return is_resting_for(campaign, line) or (line.phone_number == SENDER and waiting)

	monkeypatch.setattr(resting_numbers, "is_resting_for", waits)


@pytest.fixture
def slow_planning(monkeypatch) -> None:
	"""Let the planning of an emergency take longer than a dispatcher waits for more to do."""
	plan, idle_time = planner.run, IdleTime(monkeypatch)

	def slowly(name: str) -> None:
		idle_time.pass_by()
		plan(name)

	monkeypatch.setattr(planner, "run", slowly)


@pytest.mark.story
def test_an_emergency_goes_on_from_another_number_and_its_approver_hears_of_it(
	carrier, people, two_numbers, other_first, slow_planning, set_pace
):
	"""Check that another number takes over, and that all numbers are there when the emergency is planned.

	The carrier owns SENDER and not the other number, so every text from that one is refused with 21606.
	"""
	set_pace(3)
	numbers = people(12)
	doc = emergencies.approved(numbers, channel="Text")
	dial(carrier, emergency=True)
	doc.reload()
	assert doc.status == states.COMPLETED and states_of(doc) == {("Reached", 1)}
	assert OTHER in doc.status_message and "other numbers" in doc.status_message
	assert any("trouble" in subject for subject in reports(doc, APPROVER))


def test_an_emergency_without_another_number_is_not_given_up(carrier, account, people, monkeypatch):
	numbers = people(3)
	account(refuse={"message": 21606})
	doc = emergencies.approved(numbers, channel="Text")
	dial_until("The refusal", lambda: message_says(doc, "No other number is left"), emergency=True)
	assert doc.status == states.RUNNING
	assert states_of(doc) == {("Pending", 0)}
	assert any("trouble" in subject for subject in reports(doc, APPROVER))
	account(refuse={})
	monkeypatch.setattr(resting_numbers, "is_resting", lambda *_about: False)
	dispatcher.run(emergency=True)
	carrier.wait_until_idle()
	frappe.db.rollback()
	assert states_of(doc) == {("Reached", 1)}


@pytest.mark.parametrize("at_once", [True, False])
def test_an_emergencys_approver_hears_of_a_limit_of_the_day(carrier, account, people, at_once):
	if at_once:
		account(refuse={"message": 63038, "status": 429})
		numbers = people(2)
	else:
		numbers = people(2, text={"delivery": "undelivered", "error": 30023})
	doc = emergencies.approved(numbers, channel="Text")
	dial_until(
		"The alarm, and the end of the other attempt",
		lambda: message_says(doc, "Reach them in another way") and states_of(doc) == {("Pending", 0)},
		emergency=True,
	)
	assert doc.status == states.RUNNING
	assert any("trouble" in subject for subject in reports(doc, APPROVER))
	soonest = frappe.utils.add_to_date(make.clock.db_now(), minutes=10)
	rows = frappe.get_all("Dialer Recipient", {"campaign": doc.name}, pluck="not_before")
	assert min(rows) > soonest


def test_wrong_credentials_do_not_stop_an_emergency_for_good(carrier, account, people, monkeypatch):
	monkeypatch.setattr("school_dialer.outbound.dispatch.campaign_failures.AGAIN_SECONDS", 0.1)
	numbers = people(2)
	doc = emergencies.approved(numbers)
	carrier.control("account", {"status": "suspended"})
	try:
		dial_until("The trouble", lambda: message_says(doc, "not paused"), emergency=True)
	finally:
		carrier.control("account", {"status": "active"})
	assert doc.status == states.RUNNING
	assert any("trouble" in subject for subject in reports(doc, APPROVER))
	dispatcher.run(emergency=True)
	carrier.wait_until_idle()
	frappe.db.rollback()
	assert states_of(doc) == {("Reached", 1)}


def test_trouble_that_cannot_be_reported_now_is_reported_later(carrier, people, monkeypatch):
	doc = emergencies.approved(people(1))
	tell_once = notifications.notify_once
	monkeypatch.setattr(notifications, "notify_once", lambda *_about: 1 / 0)
	notifications.trouble(doc.name, "It does not go out.")
	frappe.db.commit()
	assert not any("trouble" in subject for subject in reports(doc, APPROVER))
	monkeypatch.setattr(notifications, "notify_once", tell_once)
	notifications.notify_pending(doc.name)
	assert any("trouble" in subject for subject in reports(doc, APPROVER))


def test_an_emergency_that_is_paused_is_reported_to_its_approvers_anyone_who_did_it(carrier, people):
	doc = emergencies.approved(people(1))
	frappe.set_user(APPROVER)
	transitions.try_move(doc.name, states.RUNNING)
	actions.pause(doc.name, "Missing settings")
	frappe.db.commit()
	frappe.set_user("Administrator")
	notifications.notify_pending(doc.name)
	assert any("Paused" in subject for subject in reports(doc, APPROVER))
