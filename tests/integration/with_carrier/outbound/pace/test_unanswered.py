"""A carrier that does not answer: other campaigns pause, an emergency goes on and says so."""

import frappe
import pytest

from dev.demo.people import APPROVER
from school_dialer.base import states
from school_dialer.carriers.base import Placed, ResponseUnknown
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.outbound.pace import unanswered
from tests.integration import emergencies
from tests.integration.with_carrier.outbound.pace.refusals import reports, started

pytestmark = pytest.mark.exhaustive

SILENCES = ["lose_request", "http_500"]


@pytest.mark.parametrize("count", [1, unanswered.ALARM])
@pytest.mark.parametrize("silence", SILENCES)
def test_a_carrier_that_answers_no_one_is_reported_in_an_emergency(carrier, people, silence, count):
	"""Check that it still says so although the pace was slowed down for the same answers."""
	doc = emergencies.approved(people(count))
	carrier.control("faults", {silence: 1.0})
	try:
		dispatcher.run(emergency=True)
	finally:
		carrier.control("faults", {})
	frappe.db.rollback()
	doc.reload()
	assert doc.status == states.RUNNING and "does not answer" in doc.status_message
	assert any("trouble" in subject for subject in reports(doc, APPROVER))


@pytest.mark.parametrize("silence", SILENCES)
def test_a_carrier_that_answers_no_one_pauses_other_campaigns(carrier, people, silence, monkeypatch):
	monkeypatch.setattr(unanswered, "PAUSE", 4)
	doc = started(people(), "Voice")
	carrier.control("faults", {silence: 1.0})
	try:
		dispatcher.run()
	finally:
		carrier.control("faults", {})
	carrier.wait_until_idle()
	frappe.db.rollback()
	doc.reload()
	assert doc.status == states.PAUSED and "does not answer" in doc.status_message


def test_lost_answers_between_others_alarm_no_one(people):
	lost, placed = ResponseUnknown("late"), Placed("CA1", "queued")
	assert unanswered.count("DC-1", [lost, lost, placed, lost]) == 1
	assert unanswered.count("DC-1", [lost]) == 2
	assert unanswered.count("DC-1", [placed]) == 0
	assert unanswered.count("DC-1", [lost, lost, lost]) == unanswered.ALARM
	unanswered.forget("DC-1")
