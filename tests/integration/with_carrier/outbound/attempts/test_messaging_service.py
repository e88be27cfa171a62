"""Texts through a Messaging Service, where the carrier chooses the sending number from a pool."""

import frappe
import pytest

from dev.carrier.client import client
from dev.demo.stage import SENDER
from school_dialer.consent import ledger
from school_dialer.followup import confirmations
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import factories as make
from tests.integration.with_carrier.lost import LOST, campaign_to, later, settle, states_of

pytestmark = pytest.mark.exhaustive

SERVICE = "MG" + "0123456789abcdef" * 2
IN_POOL = "+13125550198"
"""The other number of the pool, and the first that the service takes."""


@pytest.fixture(autouse=True)
def service(carrier):
	"""Send calls from the school's number and texts through the service."""
	doc = frappe.get_doc("Dialer Settings")
	number = doc.sending_numbers[0]
	number.channel = "Voice"
	doc.append(
		"sending_numbers",
		{"phone_number": SERVICE, "channel": "Text", "calls_per_second": 40, "enabled": 1},
	)
	doc.save()
	frappe.db.commit()
	carrier.control("numbers", {IN_POOL: carrier.control("numbers", {})["numbers"][SENDER]})
	carrier.control("services", {SERVICE: {"numbers": [IN_POOL, SENDER]}})
	yield
	carrier.control("services", {SERVICE: None})
	carrier.control("numbers", {IN_POOL: None})
	frappe.db.rollback()
	doc.reload()
	doc.sending_numbers = doc.sending_numbers[:1]
	doc.sending_numbers[0].channel = "Voice and Text"
	doc.save()
	frappe.db.commit()


def test_a_text_names_the_service_and_no_number(carrier, posted, neighbours):
	doc = campaign_to(neighbours, carrier, {})
	assert states_of(doc) == {"Reached": 4}
	for number in neighbours:
		(sent,) = posted(number)
		assert sent["params"]["MessagingServiceSid"] == SERVICE and "From" not in sent["params"]
	logs = frappe.get_all(
		"Dialer Call Log", {"campaign": doc.name}, ["sender", "carrier_sid"], order_by="name"
	)
	assert {log.sender for log in logs} == {SERVICE}
	twilio = client(carrier.url, carrier.account, carrier.token)
	assert {twilio.messages(log.carrier_sid).fetch().from_ for log in logs} == {IN_POOL}


def test_a_lost_text_is_found_by_its_service(carrier, posted, neighbours):
	doc = campaign_to(neighbours[:1], carrier, LOST)
	assert states_of(doc) == {"Unknown": 1}
	later(doc, minutes=2)
	settle()
	assert states_of(doc) == {"Reached": 1}
	dispatcher.run()
	assert len(posted(neighbours[0])) == 1, "it is not sent twice"


def test_a_text_of_another_sender_is_not_taken_for_it(carrier, posted, neighbours):
	"""Check a text that went through another sender of the pool and not through the service.

	The recipients' numbers look the same once they are masked.
	"""
	doc = campaign_to(neighbours[:1], carrier, {"lose_request": 1.0})
	twilio = client(carrier.url, carrier.account, carrier.token)
	twilio.messages.create(to=neighbours[1], from_=SENDER, body="x", address_retention="obfuscate")
	carrier.wait_until_idle()
	later(doc, minutes=2)
	settle()
	assert states_of(doc) == {"Pending": 1}, "the carrier has nothing of it"
	dispatcher.run()
	carrier.wait_until_idle()
	assert len(posted(neighbours[0])) == 1


def test_a_service_that_the_carrier_does_not_know_sends_nothing(carrier, posted, neighbours):
	carrier.control("services", {SERVICE: None, "MG" + "f" * 32: {"numbers": [SENDER]}})
	try:
		doc = campaign_to(neighbours[:1], carrier, {})
	finally:
		carrier.control("services", {"MG" + "f" * 32: None})
	assert "Reached" not in states_of(doc) and not posted(neighbours[0])


def test_stop_to_a_number_of_the_pool_stops_all(carrier, posted, neighbours):
	number = neighbours[0]
	frappe.db.commit()
	answer = carrier.control("inbound_text", {"from": number, "to": SENDER, "body": "STOP"})
	assert answer["http_status"] == 200, answer
	frappe.db.rollback()
	assert ledger.read([number])[number].opt_outs
	confirmations.send_due()
	confirmed = [entry for entry in carrier.log("message") if entry["to"] == number]
	assert confirmed[-1]["params"]["MessagingServiceSid"] == SERVICE


@pytest.mark.story
@pytest.mark.parametrize(
	("body", "read", "stopped", "answered"),
	[
		("ARRET", "STOP", True, False),
		("thanks", "STOP", True, False),
		("HELP", "HELP", False, False),
		("HELP", "", False, True),
		("Stop calling me", "START", True, False),
		("x", "<b>", False, True),
	],
)
def test_what_the_service_took_a_text_for(hooks, body, read, stopped, answered):
	"""Check OptOutType of Twilio's Advanced Opt-Out: the service has already acted and replied."""
	number = make.phone()
	make.consent(number)
	frappe.db.commit()
	form = {"MessageSid": f"SM{frappe.generate_hash(length=32)}", "From": number, "To": SENDER, "Body": body}
	answer = hooks.post("inbound_text", {}, form | ({"OptOutType": read} if read else {}))
	frappe.db.rollback()
	assert bool(ledger.read([number])[number].opt_outs) is stopped
	assert ("<Message>" in answer.text) is answered


def test_start_undoes_a_stop_once_and_the_service_answers(hooks):
	number = make.phone()
	make.consent(number)
	frappe.db.commit()
	for body, read in (("STOP", "STOP"), ("START", "START")):
		form = {
			"MessageSid": f"SM{frappe.generate_hash(length=32)}",
			"From": number,
			"To": SENDER,
			"Body": body,
		}
		answer = hooks.post("inbound_text", {}, {**form, "OptOutType": read})
		assert "<Message>" not in answer.text
	frappe.db.rollback()
	assert not ledger.read([number])[number].opt_outs
