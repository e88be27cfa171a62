"""The single text that confirms a person's request, and their replies to it."""

from collections.abc import Iterator

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.calls import inbound
from school_dialer.calls.received import keywords
from school_dialer.consent import ledger
from school_dialer.consent.choices import preference_link
from school_dialer.followup import confirmations
from school_dialer.settings import carrier_settings
from tests.integration import errors
from tests.integration import factories as make
from tests.integration.with_carrier.running import question_arrives, texts_to

SECOND = "+13125550146"


def opted_out(number: str, source: str = "Keypad") -> str:
	event = ledger.opt_out(number, evidence=make.evidence(source))
	frappe.db.commit()
	return event


def test_an_opt_out_is_confirmed_once_although_it_blocks(carrier):
	number = make.phone()
	make.consent(number)
	event = opted_out(number)
	for _ in range(3):
		confirmations.send_due()
	sent = texts_to(carrier, number)
	assert len(sent) == 1 and "Reply 1" in sent[0]
	notice = frappe.get_doc("Dialer Notice", {"consent_event": event})
	assert notice.status == "Sent"
	log = frappe.get_doc("Dialer Call Log", notice.call_log)
	assert (log.verdict, log.campaign, log.recipient) == ("ALLOW", None, None)


def test_too_late_is_not_sent(carrier):
	number = make.phone()
	event = opted_out(number)
	late = frappe.utils.add_to_date(clock.db_now(), minutes=-6)
	frappe.db.set_value("Dialer Notice", {"consent_event": event}, "creation", late)
	frappe.db.commit()
	confirmations.send_due()
	assert not texts_to(carrier, number)
	assert frappe.db.get_value("Dialer Notice", {"consent_event": event}, "status") == "Not Sent"


@pytest.mark.parametrize("lacking", ["account_sid", "caller_identity", "mode"])
def test_a_notice_waits_while_the_settings_are_not_complete(carrier, lacking, monkeypatch):
	number = make.phone()
	event = opted_out(number)
	values = {"account_sid": "", "caller_identity": "", "mode": "Live"}
	before = errors.about("confirmations")
	with monkeypatch.context() as patch:
		patch.setattr(carrier_settings.settings(), lacking, values[lacking])
		confirmations.send_due()
		assert frappe.db.get_value("Dialer Notice", {"consent_event": event}, "status") == "Waiting"
	assert errors.about("confirmations") == before
	confirmations.send_due()
	assert len(texts_to(carrier, number)) == 1


def test_a_notice_that_waited_too_long_is_given_up_without_a_carrier(carrier):
	events = [opted_out(make.phone()) for _ in range(2)]
	late = frappe.utils.add_to_date(clock.db_now(), minutes=-11)
	frappe.db.set_value("Dialer Notice", {"consent_event": events[0]}, "creation", late)
	confirmations.settle_abandoned()
	frappe.db.commit()
	assert [frappe.db.get_value("Dialer Notice", {"consent_event": each}, "status") for each in events] == [
		"Not Sent",
		"Waiting",
	]


def test_what_the_carrier_told_us_is_not_confirmed(carrier):
	number = make.phone()
	event = opted_out(number, "Carrier")
	assert not frappe.db.exists("Dialer Notice", {"consent_event": event})


def test_in_the_persons_language(carrier):
	number = make.phone()
	ledger.opt_out(number, evidence=make.evidence("Keypad", language="es"))
	frappe.db.commit()
	confirmations.send_due()
	assert "Responda 1" in texts_to(carrier, number)[0]


@pytest.mark.parametrize(
	("reply", "scope"), [("1", "this purpose"), ("2", "all non-emergency"), (" 3 ", "everything")]
)
def test_the_answer_sets_the_scope(carrier, reply, scope, token):
	number = make.phone()
	make.consent(number)
	opted_out(number, "Text")
	log = inbound.log_inbound(f"CA{token}", number, "+13125550100", "Voice")
	doc = make.campaign()
	frappe.db.sql(
		"update `tabDialer Call Log` set direction='Outbound', verdict='ALLOW', campaign=%s, "
		"purpose='Event' where name=%s",
		(doc.name, log),
	)
	frappe.db.commit()
	question_arrives(carrier, number)
	words = inbound.reply_to_text(f"SM{token}", number, "+13125550100", reply)
	assert words and "Riverside" in words
	assert [opt_out.scope for opt_out in ledger.read([number])[number].opt_outs] == [scope] * 2
	frappe.db.commit()


@pytest.fixture
def second_number(carrier, web) -> Iterator[str]:
	"""Add a number from which texts are sent, after the usual one."""
	hooks = f"{web}/api/method/school_dialer.webhooks.twilio.inbound_text"
	carrier.control("numbers", {SECOND: {"sms_url": hooks}})
	doc = frappe.get_doc("Dialer Settings")
	number = {"phone_number": SECOND, "channel": "Text", "enabled": 1}
	doc.append("sending_numbers", {**number, "calls_per_second": 40, "segments_per_second": 80})
	doc.save()
	frappe.db.commit()
	yield SECOND
	frappe.db.rollback()
	doc = frappe.get_doc("Dialer Settings")
	doc.sending_numbers = [row for row in doc.sending_numbers if row.phone_number != SECOND]
	doc.save()
	frappe.db.commit()
	carrier.control("numbers", {SECOND: None})


def senders_to(carrier, number: str) -> list[str]:
	return [one["from"] for one in carrier.log("message") if one["to"] == number and one["status"] == 201]


def test_a_stop_is_confirmed_from_the_number_that_was_texted(carrier, second_number):
	number = make.phone()
	make.consent(number)
	frappe.db.commit()
	carrier.control("inbound_text", {"from": number, "to": second_number, "body": "STOP"})
	for _ in range(2):
		confirmations.send_due()
	assert senders_to(carrier, number) == [second_number]


@pytest.mark.parametrize("body", ["STOP", "HELP", "START"])
def test_what_the_carrier_answers_gets_no_second_answer(carrier, second_number, body):
	number = make.phone()
	make.consent(number)
	frappe.db.commit()
	carrier.control("account", {"opt_out_handling": True})
	result = carrier.control("inbound_text", {"from": number, "to": second_number, "body": body})
	confirmations.send_due()
	assert result["automatic_reply"] and not result["replies"]
	assert not texts_to(carrier, number)
	frappe.db.rollback()
	assert bool(ledger.read([number])[number].opt_outs) is (body == "STOP")


def test_a_stop_that_the_carrier_confirmed_is_not_confirmed_after_a_call_either(carrier, second_number):
	number = make.phone()
	make.consent(number)
	frappe.db.commit()
	carrier.control("account", {"opt_out_handling": True})
	carrier.control("inbound_text", {"from": number, "to": second_number, "body": "STOP"})
	frappe.db.rollback()
	opted_out(number)
	confirmations.send_due()
	assert not texts_to(carrier, number)


@pytest.mark.parametrize(
	("to", "body", "checked", "read"),
	[
		("+18005550143", "stop ", 0, "STOP"),
		("+18005550143", "Help", 0, "HELP"),
		("+18005550143", "please stop", 0, ""),
		("+18005550143", "yes", 0, ""),
		("+18005550143", "unstop", 0, "START"),
		("+13125550100", "STOP", 0, ""),
		("+13125550100", "STOP", 1, "STOP"),
		("+13125550100", "unstop", 1, "START"),
	],
)
def test_who_answers_is_known_by_sender(school, monkeypatch, to, body, checked, read):
	for row in carrier_settings.settings().sending_numbers:
		monkeypatch.setattr(row, "carrier_answers", checked)
	assert keywords.answered_by_carrier(to, body) == read


def test_the_network_answers_no_help_for_a_carrier_that_does_not(school, monkeypatch):
	monkeypatch.setattr(carrier_settings.settings(), "carrier", "signalwire")
	assert keywords.answered_by_carrier("+18005550143", "STOP") == "STOP"
	assert keywords.answered_by_carrier("+18005550143", "HELP") == ""


def test_a_number_out_of_nowhere_changes_nothing(carrier, token):
	number = make.unlisted_phone()
	make.consent(number)
	assert "reached the office" in inbound.reply_to_text(f"SM{token}", number, "+13125550100", "1")
	assert not ledger.read([number])[number].opt_outs
	frappe.db.commit()


def test_help_start_and_wrong_number(carrier, token):
	number = make.phone()
	make.consent(number)
	assert "STOP" in inbound.reply_to_text(f"SMh{token}", number, "+13125550100", "HELP")
	inbound.reply_to_text(f"SMs{token}", number, "+13125550100", "STOP")
	assert ledger.read([number])[number].opt_outs
	assert inbound.reply_to_text(f"SMa{token}", number, "+13125550100", "START")
	assert not ledger.read([number])[number].opt_outs
	assert inbound.reply_to_text(f"SMw{token}", number, "+13125550100", "wrong number") is None
	assert {opt_out.scope for opt_out in ledger.read([number])[number].opt_outs} == {"all non-emergency"}
	frappe.db.commit()


def test_unsure_words_stop_the_calls_and_ask_a_human(carrier, token):
	number = make.phone()
	make.consent(number)
	inbound.reply_to_text(f"SM{token}", number, "+13125550100", "enough")
	assert ledger.read([number])[number].opt_outs
	log = frappe.db.get_value("Dialer Call Log", {"carrier_sid": f"SM{token}"})
	assert frappe.db.exists("Dialer Review", {"reference_name": log, "status": "Open"})
	frappe.db.commit()


def test_the_preference_link_is_texted(carrier):
	number = make.phone()
	preference_link.send_by_text(number)
	frappe.db.commit()
	confirmations.send_due()
	sent = texts_to(carrier, number)
	assert len(sent) == 1 and "/dialer-preferences?t=" in sent[0]
	assert number[2:] not in sent[0]


def test_keys_during_the_call(carrier, answering):
	"""Check that 7 stops messages of this kind and 8 stops everything."""
	from school_dialer.campaigns import actions
	from school_dialer.campaigns.planning import planner
	from school_dialer.outbound.dispatch import dispatcher

	kind, all_ = make.phone(), make.phone()
	for number, key in ((kind, "7"), (all_, "8")):
		make.consent(number)
		answering(number, "presses", digits=key)
	doc = make.campaign([kind, all_])
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	dispatcher.run()
	carrier.wait_until_idle()
	frappe.db.rollback()
	facts = ledger.read([kind, all_])
	assert {(opt_out.scope, opt_out.purpose) for opt_out in facts[kind].opt_outs} == {
		("this purpose", "Event")
	}
	assert {opt_out.scope for opt_out in facts[all_].opt_outs} == {"everything"}
