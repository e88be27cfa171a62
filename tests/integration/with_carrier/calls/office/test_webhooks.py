"""The office's webhooks: refused without a signature, repeated, late, lost, and from other calls."""

import itertools
import math
import re
import secrets

import frappe
import pytest

from school_dialer.calls import live_call
from school_dialer.calls.office import dialogue, leg, lost, transfer, whisper
from school_dialer.calls.office.leg import Report
from school_dialer.messages.spoken.office_state import OfficeState
from school_dialer.school_dialer.report.call_costs import call_costs
from tests.integration.with_carrier.keypad import heard

METHODS = ("ended", "key", "leg_status", "message", "message_ready", "take", "whisper")


def sid() -> str:
	return f"CA{secrets.token_hex(16)}"


@pytest.fixture
def ringing(office, log) -> tuple[str, str]:
	"""Return a call log whose caller waits for the office, and the carrier's id of the call."""
	own = sid()
	frappe.db.set_value(
		"Dialer Call Log", log, {"carrier_sid": own, "status": "in-progress", "status_rank": 40}
	)
	transfer.connect(log, None, "", "Event")
	frappe.db.commit()
	return log, own


def state_of(log: str) -> tuple[str, str]:
	frappe.db.rollback()
	state, text = frappe.db.get_value("Dialer Call Log", log, ["transfer_state", "office_dialogue"])
	return state, OfficeState.of(text).stage


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("signature", [None, "forged"])
def test_without_the_carriers_signature_nothing_changes(ringing, hooks, method, signature):
	log, own = ringing
	form = {"CallSid": own, "ParentCallSid": own, "Digits": "1", "DialCallStatus": "completed"}
	form |= {"CallStatus": "completed", "RecordingSid": "RE" + "a" * 32}
	answer = hooks.post(f"office.{method}", {"log": log, "turn": 1}, form, signature)
	assert answer.status_code == 403 and state_of(log) == ("Ringing", "dialing")


@pytest.mark.parametrize("method", METHODS)
def test_another_call_has_no_part_in_it(ringing, hooks, method):
	log, _own = ringing
	form = {"CallSid": sid(), "ParentCallSid": sid(), "Digits": "1", "DialCallStatus": "completed"}
	form |= {"DialBridged": "true", "CallStatus": "completed", "RecordingSid": "RE" + "a" * 32}
	answer = hooks.post(f"office.{method}", {"log": log, "turn": 1}, form)
	assert answer.status_code in (200, 204) and state_of(log) == ("Ringing", "dialing")
	assert "<Dial" not in answer.text and "<Gather" not in answer.text


@pytest.mark.parametrize("method", METHODS)
def test_a_log_that_is_gone_gets_a_normal_response(office, hooks, method):
	answer = hooks.post(f"office.{method}", {"log": "gone", "turn": 1}, {"CallSid": sid()})
	assert answer.status_code in (200, 204)


def test_a_repeated_key_gets_the_same_call_to_the_office(office, log):
	own = sid()
	frappe.db.set_value(
		"Dialer Call Log", log, {"carrier_sid": own, "status": "in-progress", "status_rank": 40}
	)
	live_call.answer(log, own, "human")
	first = live_call.key(log, own, "6", 0)
	assert "<Dial" in first and live_call.key(log, own, "6", 0) == first
	assert live_call.answer(log, own, "human") == first


ENDS = {
	"action": lambda log, own: dialogue.ended(log, own, 1, Report("completed", "CA1", True, 30), False),
	"leg": lambda log, own: leg.apply(log, Report("completed", "CA1", seconds=30)),
	"late whisper": lambda log, own: whisper.words(log, own, "CA1", "Event"),
	"late key": lambda log, own: whisper.key(log, own, "CA1", "1"),
	"ringing": lambda log, own: leg.apply(log, Report("ringing", "CA1")),
}


def test_a_conversation_ends_alike_in_every_order_and_however_often(ringing):
	log, own = ringing
	whisper.key(log, own, "CA1", "1")
	frappe.db.commit()
	for order in itertools.permutations(ENDS):
		for event in (*order, *order):
			ENDS[event](log, own)
		assert frappe.db.get_value(
			"Dialer Call Log", log, ["transfer_state", "transfer_seconds", "transfer_sid"]
		) == ("Connected", 30, "CA1")
		frappe.db.rollback()


def test_the_action_knows_better_than_a_status_that_came_before_the_key(ringing):
	log, own = ringing
	leg.apply(log, Report("completed", "CA1", seconds=30))
	assert leg.state_of(log) == "Not taken"
	dialogue.ended(log, own, 1, Report("completed", "CA1", True, 30), False)
	assert leg.state_of(log) == "Connected"
	leg.apply(log, Report("busy", "CA1"))
	assert leg.state_of(log) == "Connected"


def test_a_late_end_does_not_take_the_caller_out_of_the_message(ringing):
	log, own = ringing
	busy = Report("busy", "CA1")
	offered = dialogue.ended(log, own, 1, busy, False)
	assert "<Gather" in offered and dialogue.ended(log, own, 1, busy, False) == offered
	speaking = dialogue.key(log, own, 2, "1", False)
	assert "<Record" in speaking
	for _ in range(2):
		assert dialogue.key(log, own, 2, "1", False) == speaking
		assert dialogue.ended(log, own, 1, busy, False) == speaking


def test_a_repeated_recording_is_kept_once_and_another_is_thrown_away(ringing, messages, hooks):
	log, own = ringing
	frappe.db.set_value("Dialer Call Log", log, "office_dialogue", "record:3:Event")
	frappe.db.commit()
	recording, second = (f"RE{secrets.token_hex(16)}" for _ in range(2))
	form = {"CallSid": own, "CallStatus": "in-progress", "RecordingSid": recording, "RecordingDuration": "7"}
	answers = {hooks.post("office.message", {"log": log, "turn": 3}, form).text for _ in range(3)}
	assert len(answers) == 1 and "reached the office" in answers.pop()
	hooks.post("office.message", {"log": log, "turn": 3}, {**form, "RecordingSid": second})
	phone = frappe.db.get_value("Dialer Call Log", log, "phone")
	assert [(one.recording, one.words) for one in messages(phone)] == [
		(recording, "Spoken message of 7 seconds")
	]
	assert frappe.db.get_value("Dialer Call Log", log, "discarded") == second


@pytest.mark.parametrize("order", list(itertools.permutations(["message", "message_ready"])))
@pytest.mark.parametrize("count", [1, 2])
def test_a_message_is_kept_although_one_of_two_requests_is_lost(ringing, messages, hooks, order, count):
	log, own = ringing
	frappe.db.set_value("Dialer Call Log", log, "office_dialogue", "record:3:Event")
	frappe.db.commit()
	recording = f"RE{secrets.token_hex(16)}"
	for method in order[:count]:
		form = {"CallSid": own, "RecordingSid": recording, "RecordingDuration": "7"}
		assert hooks.post(f"office.{method}", {"log": log, "turn": 3}, form).status_code in (200, 204)
	(message,) = messages(frappe.db.get_value("Dialer Call Log", log, "phone"))
	assert message.recording == recording and state_of(log)[1] == "kept"
	assert not frappe.db.get_value("Dialer Call Log", log, "discarded")


def test_an_empty_recording_is_thrown_away_and_asked_for_again(ringing, hooks, messages):
	log, own = ringing
	frappe.db.set_value("Dialer Call Log", log, "office_dialogue", "record:3:")
	frappe.db.commit()
	recording = f"RE{secrets.token_hex(16)}"
	form = {"CallSid": own, "CallStatus": "in-progress", "RecordingSid": recording, "RecordingDuration": "0"}
	answer = hooks.post("office.message", {"log": log, "turn": 3}, form).text
	assert "<Gather" in answer and state_of(log)[1] == "offer"
	assert frappe.db.get_value("Dialer Call Log", log, "discarded") == recording


def test_the_wrong_key_or_one_for_a_call_that_is_over_connects_no_one(ringing):
	log, own = ringing
	for keys in ("", "2", "#", "91"):
		assert whisper.key(log, own, "CA1", keys) == whisper.words("gone", own, "CA1", "")
	assert leg.state_of(log) == "Ringing"
	leg.apply(log, Report("canceled", "CA1"))
	assert "Hangup" in whisper.key(log, own, "CA1", "1")


def test_what_is_said_to_the_office_cannot_be_chosen_by_an_address(ringing):
	log, own = ringing
	said = re.sub("<[^>]+>", " ", whisper.words(log, own, "CA1", "Ana Lopez"))
	assert "Ana" not in said and "A call for the office" in said


@pytest.mark.parametrize("faults", [{"double_callback": 1.0}, {"double_document": 1.0}, {"reorder": True}])
def test_the_carriers_repetitions_change_nothing(office, called, carrier, dials, faults):
	carrier.control("faults", faults)
	log = called(digits=["6"])
	assert log.transfer_state == "Connected" and len(dials(log.carrier_sid)) == 1
	assert "leave a spoken message" not in heard(carrier, log.carrier_sid)


def test_callbacks_that_never_come_are_asked_for(office, called, carrier, pass_time):
	carrier.control("faults", {"lose_action": 0, "drop_callback": 1.0})
	log = called(digits=["6"])
	frappe.db.sql(
		"""update `tabDialer Call Log` set transfer_state = 'Talking', transfer_seconds = 0,
			transfer_sid = null where name = %s""",
		log.name,
	)
	frappe.db.commit()
	lost.run()
	assert state_of(log.name)[0] == "Talking"
	pass_time(minutes=6)
	lost.run()
	frappe.db.rollback()
	log.reload()
	assert log.transfer_state == "Connected" and log.transfer_seconds >= 40
	assert log.transfer_price.startswith("-0.")


def test_a_price_is_asked_for_when_the_carrier_knows_it(office, called, carrier, pass_time):
	log = called(digits=["6"])
	assert log.transfer_state == "Connected" and not log.transfer_price
	(before,) = call_costs.execute({"campaign": log.campaign})[1]
	assert before["minutes"] == math.ceil(log.duration / 60) + math.ceil(log.transfer_seconds / 60)
	pass_time(minutes=16)
	lost.run()
	frappe.db.rollback()
	price = frappe.db.get_value("Dialer Call Log", log.name, "transfer_price")
	assert price.startswith("-0.")
	(after,) = call_costs.execute({"campaign": log.campaign})[1]
	assert after["billed"] == pytest.approx(before["billed"] - float(price))


def test_a_call_the_carrier_does_not_know_is_given_up(ringing, pass_time):
	log, _own = ringing
	lost.run()
	assert state_of(log)[0] == "Ringing"
	pass_time(minutes=6)
	lost.run()
	assert state_of(log)[0] == "Not known"
