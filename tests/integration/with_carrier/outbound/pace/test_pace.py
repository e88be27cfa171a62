"""The stream of requests to the carrier.

It is even and fair, slower when the carrier is overloaded, and stopped when it is pointless.
"""

from datetime import datetime

import frappe
import pytest

from school_dialer.base import states
from school_dialer.campaigns import actions, message_content
from school_dialer.campaigns.planning import planner
from school_dialer.outbound.dispatch import campaign_failures, dispatcher
from school_dialer.outbound.pace import pacer
from school_dialer.settings import carrier_settings
from tests.integration import factories as make
from tests.integration.with_carrier.idling import IdleTime
from tests.integration.with_carrier.running import dial

PACE = 40


@pytest.fixture
def running(carrier, set_pace):
	set_pace(PACE)

	def make_running(count: int, **values) -> tuple[str, list[str]]:
		numbers = make.many_phones(count)
		make.consents(numbers)
		carrier.control("people", {number: {"behaviour": "answers"} for number in numbers})
		doc = make.campaign(numbers, **values)
		frappe.db.commit()
		actions.start(doc.name)
		frappe.db.commit()
		planner.run(doc.name)
		return doc.name, numbers

	return make_running


@pytest.fixture
def arrived(carrier):
	"""Return a function that lists the carrier's requests for these numbers, in order of arrival.

	Refused ones are included.
	"""

	def of(numbers: list[str]) -> list[dict]:
		return [entry for entry in carrier.log("call") if entry["to"] in numbers]

	return of


@pytest.mark.exhaustive
def test_no_second_holds_more_than_the_pace_and_one(running, arrived):
	_name, numbers = running(150)
	dispatcher.run()
	times = [datetime.fromisoformat(entry["at"]).timestamp() for entry in arrived(numbers)]
	assert len(times) == len(numbers)
	times.sort()
	assert all(later - earlier >= 1 for earlier, later in zip(times, times[PACE + 1 :], strict=False))


def test_campaigns_take_turns(running, arrived):
	first, second = running(90), running(90)
	dispatcher.run()
	order = "".join("12"[entry["to"] in second[1]] for entry in arrived(first[1] + second[1]))
	assert order.index("2") < order.rindex("1") and order.index("1") < order.rindex("2")


def test_a_campaign_that_fails_waits_and_is_paused(running, arrived, monkeypatch):
	broken, _numbers = running(3)
	_name, numbers = running(3)
	for_rows, idle_time = message_content.for_rows, IdleTime(monkeypatch)

	def break_one(campaign, rows):
		"""Fail slowly: longer than a dispatcher without work stays."""
		if campaign.name == broken:
			idle_time.pass_by()
			raise RuntimeError("broken on purpose")
		return for_rows(campaign, rows)

	monkeypatch.setattr(message_content, "for_rows", break_one)
	monkeypatch.setattr(campaign_failures, "AGAIN_SECONDS", 0.1)
	dispatcher.run()
	assert len(arrived(numbers)) == len(numbers)
	doc = frappe.get_doc("Dialer Campaign", broken)
	assert doc.status == states.PAUSED and "Resume" in doc.status_message
	assert {row.status for row in make.recipients(broken)} == {"Pending"}


@pytest.mark.exhaustive
def test_too_many_bad_numbers_ask_and_resume_goes_on(running, arrived, carrier):
	name, numbers = running(70)
	carrier.control("people", {number: {"refuse": 21211} for number in numbers})
	dispatcher.run()
	doc = frappe.get_doc("Dialer Campaign", name)
	assert doc.status == states.PAUSED
	assert "do not exist" in doc.status_message and "Resume" in doc.status_message
	before = len(arrived(numbers))
	assert 20 < before < 70
	carrier.control("people", {number: {"behaviour": "answers"} for number in numbers})
	actions.resume(name)
	frappe.db.commit()
	dial(carrier)
	assert len(arrived(numbers)) == len(numbers)
	assert frappe.db.get_value("Dialer Campaign", name, "status") == states.COMPLETED


def test_wrong_credentials_stop_at_once(running, arrived, carrier):
	name, numbers = running(60)
	carrier.control("account", {"status": "suspended"})
	try:
		dispatcher.run()
	finally:
		carrier.control("account", {"status": "active"})
	doc = frappe.get_doc("Dialer Campaign", name)
	assert doc.status == states.PAUSED and "credentials" in doc.status_message
	assert len(arrived(numbers)) < PACE / 2
	assert {row.status for row in make.recipients(name)} == {"Pending"}
	assert {row.attempts for row in make.recipients(name)} == {0}


def test_an_overrun_carrier_is_called_more_slowly(running, arrived, carrier):
	name, _numbers = running(30)
	number = frappe.get_all("Dialer Sending Number", pluck="phone_number", order_by="idx")[0]
	carrier.control("faults", {"http_429": 0.2})
	try:
		dispatcher.run()
		streams = pacer.streams_of(carrier_settings.SendingNumber(number, PACE, PACE), "Voice")
		slower = pacer.next_slot(streams).slower
		message = frappe.db.get_value("Dialer Campaign", name, "status_message")
	finally:
		carrier.control("faults", {})
		frappe.cache().delete(*(stream.key for stream in streams))
	assert slower > 1 and "more slowly" in message
