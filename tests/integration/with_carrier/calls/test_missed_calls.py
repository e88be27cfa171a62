"""Calls that came while the site did not answer the carrier: a family waits for a call back."""

import secrets
from datetime import timedelta

import frappe
import pytest

from dev.demo.stage import SENDER
from school_dialer.base import clock
from school_dialer.calls import inbound_calls, missed_calls, missed_texts
from school_dialer.carriers.base import ReceivedCall
from school_dialer.carriers.twilio import TwilioCarrier
from school_dialer.settings import school_numbers
from tests.integration import factories as make
from tests.integration.with_carrier.running import dial, prepare


@pytest.fixture(autouse=True)
def lists_are_read(nothing_left):
	"""Let the lists be read from now on, at a number at which the site has answered before."""
	missed_texts.forget()
	inbound_calls.answer(f"CA{secrets.token_hex(16)}", make.phone(), SENDER)
	frappe.db.commit()
	missed_texts.run()
	yield
	frappe.db.rollback()
	missed_texts.forget()
	frappe.db.commit()


@pytest.fixture
def unanswered(carrier):
	"""Return a function that lets a number call while the site does not answer, and returns the call's id."""

	def call(number: str) -> str:
		carrier.control("faults", {"site_down": 1})
		found = carrier.control("inbound_call", {"from": number, "to": SENDER})
		carrier.control("faults", {})
		carrier.wait_until_idle()
		return found["sid"]

	return call


@pytest.fixture
def read_later(set_clock):
	def read(minutes: int = 5) -> None:
		set_clock(clock.now() + timedelta(minutes=minutes))
		missed_texts.run()

	return read


def log_of(sid: str):
	return frappe.db.get_value(
		"Dialer Call Log",
		{"carrier_sid": sid, "direction": "Inbound", "channel": "Voice"},
		["phone", "error_message"],
		as_dict=True,
	)


def kept(number: str) -> int:
	return frappe.db.count("Dialer Conversation Message", {"phone": number, "channel": "Call-back"})


def called_before(carrier, number: str) -> None:
	doc = make.campaign([number])
	frappe.db.commit()
	prepare(doc)
	dial(carrier)


def test_a_family_that_called_waits_for_staff_once(carrier, number, unanswered, read_later):
	called_before(carrier, number)
	sid = unanswered(number)
	read_later()
	assert log_of(sid).phone == number and log_of(sid).error_message
	assert kept(number) == 1
	assert frappe.db.exists("Dialer Conversation", {"phone": number, "status": "Waiting"})
	missed_texts.run()
	assert kept(number) == 1


def test_a_call_of_a_stranger_is_logged_only(unanswered, read_later):
	number = make.phone()
	sid = unanswered(number)
	read_later()
	assert log_of(sid) and not kept(number)


def test_calls_to_a_number_that_another_system_answers_are_left_alone(
	carrier, number, unanswered, read_later
):
	called_before(carrier, number)
	school_numbers.forget()
	frappe.db.commit()
	sid = unanswered(number)
	read_later()
	assert not log_of(sid) and not kept(number)


def test_a_caller_who_hides_the_number_is_logged():
	given = ReceivedCall(f"CA{secrets.token_hex(16)}", "anonymous", SENDER, clock.now())
	missed_calls.keep_call(given)
	frappe.db.commit()
	assert log_of(given.sid).phone is None


def test_a_carrier_of_another_app_need_not_list_calls(number, unanswered, read_later, monkeypatch):
	monkeypatch.delattr(TwilioCarrier, "list_received_calls")
	sid = unanswered(number)
	read_later()
	assert not log_of(sid) and missed_texts.read_until()
