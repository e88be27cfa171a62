"""Texts whose webhooks come in another order than they were sent in: the carrier's clock decides."""

from dataclasses import replace
from datetime import timedelta

import frappe
import pytest

from dev.demo.stage import SENDER
from school_dialer.base import clock
from school_dialer.calls import inbound, missed_texts
from school_dialer.consent import ledger

STOPPED = {"all non-emergency"}


@pytest.fixture(autouse=True)
def list_is_read(nothing_left):
	"""Let the list be read from now on, and forget the texts of other tests."""
	missed_texts.forget()
	missed_texts.run()
	yield
	frappe.db.rollback()
	missed_texts.forget()
	frappe.db.commit()


@pytest.fixture
def write(number, unheard, set_clock):
	"""Return a function that sends texts, so many seconds apart, and returns those as they are delivered."""

	def texts(*bodies: str, seconds: int = 10) -> list[tuple[str, str]]:
		sent = []
		for body in bodies:
			sent += [(sid, body) for sid in unheard(number, body)]
			set_clock(clock.now() + timedelta(seconds=seconds))
		return sent

	return texts


@pytest.fixture
def deliver(number):
	def webhooks(*texts: tuple[str, str]) -> None:
		for sid, body in texts:
			inbound.reply_to_text(sid, number, SENDER, body)
			frappe.db.commit()

	return webhooks


@pytest.fixture
def read_list(set_clock):
	def read() -> None:
		set_clock(clock.now() + timedelta(minutes=5))
		missed_texts.run()

	return read


def scopes(number: str) -> set[str]:
	return {opt_out.scope for opt_out in ledger.read([number])[number].opt_outs}


@pytest.mark.parametrize(
	("bodies", "stopped"), [(("START", "STOP"), STOPPED), (("STOP", "START"), set())], ids=["STOP", "START"]
)
def test_the_text_that_was_sent_last_counts(number, write, deliver, read_list, bodies, stopped):
	first, last = write(*bodies)
	deliver(last, first)
	read_list()
	assert scopes(number) == stopped
	count = frappe.db.count("Consent Event", {"phone": number})
	read_list()
	assert scopes(number) == stopped
	assert frappe.db.count("Consent Event", {"phone": number}) == count


def test_a_stop_that_no_webhook_brought_counts_though_an_earlier_start_came_late(
	number, write, deliver, read_list
):
	started, _stopped = write("START", "STOP", seconds=20)
	deliver(started)
	read_list()
	assert scopes(number) == STOPPED


def test_of_two_in_the_same_second_the_stop_counts(number, write, deliver, read_list, monkeypatch):
	stopped, started = write("STOP", "START")
	real = missed_texts.carrier_settings.carrier
	at = clock.now()

	def carrier(account):
		found = real(account)
		listed = found.list_received
		found.list_received = lambda *asked: [replace(one, at=at) for one in listed(*asked)]
		return found

	monkeypatch.setattr(missed_texts.carrier_settings, "carrier", carrier)
	deliver(stopped, started)
	read_list()
	assert scopes(number) == STOPPED


@pytest.mark.parametrize("order", [("START", "STOP"), ("STOP", "START")])
def test_texts_that_came_in_order_change_nothing(number, write, deliver, read_list, order):
	deliver(*write(*order))
	before, count = scopes(number), frappe.db.count("Consent Event", {"phone": number})
	read_list()
	assert scopes(number) == before and frappe.db.count("Consent Event", {"phone": number}) == count


def test_what_was_said_since_in_another_way_stays(number, write, deliver, read_list):
	first, last = write("START", "STOP")
	deliver(last, first)
	ledger.opt_in(number, evidence=ledger.Evidence(source="Preference Page", actor="person", wording="All"))
	frappe.db.commit()
	read_list()
	assert not scopes(number)
