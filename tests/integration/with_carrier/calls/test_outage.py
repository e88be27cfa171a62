"""What was texted while the site did not answer is read before the first call after it."""

from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock, site_values, states
from school_dialer.calls import missed_texts, outage
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.consent import ledger
from school_dialer.continuity import maintenance
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.running import dial, prepare, state_of

ALARM = "%cannot be read from the carrier%"


@pytest.fixture(autouse=True)
def list_is_read(nothing_left):
	"""Let the list be read from now on, and forget the outages of other tests."""
	forget()
	missed_texts.run()
	yield
	frappe.db.rollback()
	forget()


def forget() -> None:
	missed_texts.forget()
	maintenance.forget()
	maintenance.heard()
	frappe.db.delete("Notification Log", {"subject": ("like", ALARM)})
	frappe.db.commit()


@pytest.fixture
def later(set_clock):
	"""Return a function that lets some minutes pass without a run of the scheduler."""

	def wait(minutes: int) -> None:
		set_clock(clock.now() + timedelta(minutes=minutes))

	return wait


def planned(*numbers: str):
	doc = make.campaign(list(numbers))
	frappe.db.commit()
	prepare(doc)
	return doc


def called(carrier, *numbers: str) -> set[str]:
	carrier.wait_until_idle()
	return {one["to"] for one in carrier.log("call")} & set(numbers)


def opted_out(number: str) -> bool:
	return bool(ledger.read([number])[number].opt_outs)


def test_a_stop_during_an_outage_counts_for_the_first_call_after_it(carrier, number, unheard, later):
	other = make.phone()
	make.consent(other)
	frappe.db.commit()
	planned(number, other)
	unheard(number, "STOP")
	later(minutes=20)
	dial(carrier)
	assert called(carrier, number, other) == {other} and opted_out(number)


def test_a_stop_just_before_the_end_of_a_maintenance_counts_too(carrier, number, unheard):
	planned(number)
	unheard(number, "STOP")
	site_values.write(maintenance.UNHEARD, "1")
	frappe.db.commit()
	dial(carrier)
	assert not called(carrier, number) and opted_out(number) and not maintenance.is_unheard()


def test_it_is_read_before_a_campaign_is_planned(number, unheard, later):
	doc = make.campaign([number])
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	unheard(number, "STOP")
	later(minutes=20)
	planner.run(doc.name)
	assert opted_out(number)


def test_campaigns_wait_for_the_list_and_then_go_on(carrier, number, unheard, later, monkeypatch):
	doc = planned(number)
	later(minutes=20)
	with monkeypatch.context() as patch:
		patch.setattr(missed_texts, "list_received", lambda *_arguments: None)
		dial(carrier)
		assert not called(carrier, number) and state_of(doc) == states.RUNNING
		assert "read from the carrier" in frappe.db.get_value("Dialer Campaign", doc.name, "status_message")
	dial(carrier)
	assert called(carrier, number) == {number}
	assert not frappe.db.get_value("Dialer Campaign", doc.name, "status_message")


def test_after_a_while_staff_is_alarmed_once_and_campaigns_go_on(carrier, number, later, monkeypatch):
	other = make.phone()
	make.consent(other)
	planned(number)
	later(minutes=20)
	monkeypatch.setattr(missed_texts, "list_received", lambda *_arguments: None)
	dial(carrier)
	alarm = {"subject": ("like", ALARM)}
	assert not called(carrier, number) and not frappe.db.exists("Notification Log", alarm)
	later(minutes=16)
	dial(carrier)
	assert called(carrier, number) == {number}
	many = frappe.db.count("Notification Log", alarm)
	planned(other)
	dial(carrier)
	assert called(carrier, other) == {other}
	assert many and frappe.db.count("Notification Log", alarm) == many


def test_an_emergency_does_not_wait_for_the_list(carrier, number, later, monkeypatch):
	ordinary, urgent = planned(number), make.phone()
	doc = emergencies.approved([urgent])
	later(minutes=20)
	monkeypatch.setattr(missed_texts, "list_received", lambda *_arguments: None)
	planner.run(doc.name)
	dial(carrier)
	assert called(carrier, number, urgent) == {urgent} and state_of(ordinary) == states.RUNNING


def test_an_emergency_asks_the_carrier_nothing_first(carrier, later, monkeypatch):
	"""Check it with a carrier whose list may take long to answer."""
	urgent = make.phone()
	doc = emergencies.approved([urgent])
	later(minutes=20)
	assert outage.is_due()
	monkeypatch.setattr(missed_texts, "fetch", lambda *_arguments: pytest.fail("the carrier was asked"))
	planner.run(doc.name)
	dial(carrier, emergency=True)
	assert called(carrier, urgent) == {urgent}


def test_nothing_is_asked_while_the_scheduler_reads_the_list(monkeypatch):
	monkeypatch.setattr(missed_texts, "fetch", lambda *_arguments: pytest.fail("the carrier was asked"))
	assert outage.hear()
