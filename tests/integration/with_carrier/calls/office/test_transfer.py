"""Key 6 in a campaign's call: rung, taken, declined, busy, closed, full, and what the log says of it."""

import secrets
from contextlib import ExitStack
from datetime import timedelta

import frappe
import pytest

from dev.demo.stage import SENDER
from school_dialer.base import clock
from school_dialer.base.database.db_thread import DbThread
from school_dialer.base.database.transactions import retried
from school_dialer.calls import inbound, pins
from school_dialer.calls.office import dialogue, line
from school_dialer.campaigns.planning import planner
from school_dialer.consent import ledger
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.keypad import family, heard
from tests.integration.with_carrier.running import dial, prepare

SECRET = "had a bad day at school"


@pytest.mark.story
def test_the_office_takes_the_call_and_the_log_tells_of_it(office, called, dials, carrier):
	log = called(number=make.phone(), digits=["6"])
	(one,) = dials(log.carrier_sid)
	assert (one["numbers"], one["bridged"], one["status"]) == ([office], True, "completed")
	assert "the call on an event. Press 1" in one["whispered"][0]
	assert (log.transfer_state, log.transfer_sid) == ("Connected", one["legs"][0])
	assert 40 <= log.transfer_seconds <= 80 and not log.transfer_error
	assert (log.status, log.result, log.keys_pressed) == ("completed", "reached", "6")
	said = heard(carrier, log.carrier_sid)
	assert "We connect you to the office." in said and "leave a spoken message" not in said
	leg = carrier.control("call", {"sid": one["legs"][0]})
	assert leg["from"] == SENDER


@pytest.mark.parametrize(
	"behaviour, state",
	[
		({"behaviour": "presses", "digits": ["2"]}, "Not taken"),
		({"behaviour": "answers"}, "Not taken"),
		({"behaviour": "voicemail", "beep": True}, "Not taken"),
		({"behaviour": "busy"}, "Busy"),
		({"behaviour": "no answer"}, "No answer"),
		({"behaviour": "fails"}, "Failed"),
	],
)
def test_who_is_not_connected_may_leave_a_message(office, called, carrier, messages, behaviour, state):
	carrier.control("people", {office: behaviour})
	number = make.phone()
	log = called(number=number, digits=["6", "1"], says=["Please call me back."], finishes_with="#")
	assert log.transfer_state == state
	(message,) = messages(number)
	assert (message.channel, message.reference_name) == ("Voice", log.name)
	assert message.recording.startswith("RE") and message.words.startswith("Spoken message")
	thread = frappe.get_doc("Dialer Conversation", message.conversation)
	assert (thread.status, thread.unread) == ("Waiting", 1)
	said = heard(carrier, log.carrier_sid)
	assert said.index("will be recorded") < said.index("speak after the tone")
	assert "your message has reached the office" in said


def test_a_closed_office_is_not_rung(office, called, dials, settings, messages):
	settings({"office_closes": "09:00:00"})
	number = make.phone()
	log = called(number=number, digits=["6", "1"], says=["Hello"], finishes_with="#")
	assert log.transfer_state == "Office closed" and not dials(log.carrier_sid)
	assert len(messages(number)) == 1


def test_one_may_go_back_to_the_words_of_the_call(office, called, settings, carrier, messages):
	settings({"office_closes": "09:00:00"})
	number = make.phone()
	log = called(number=number, digits=["6", "2", "7"])
	said = heard(carrier, log.carrier_sid)
	assert said.count("To stop these calls, press 9.") == 2 and not messages(number)
	assert "of this kind" in said
	assert ledger.read([number])[number].opt_outs[0].scope == "this purpose"


def test_a_caller_who_hangs_up_while_it_rings(office, called, carrier):
	log = called(digits=["6"], hangs_up_in="dial")
	assert log.transfer_state == "Caller hung up" and log.status == "completed"


def test_a_caller_who_hangs_up_while_talking_was_connected(office, called):
	log = called(digits=["6"], talks=12)
	assert log.transfer_state == "Connected" and 12 <= log.transfer_seconds < 40
	assert log.status == "completed"


def test_a_caller_who_hangs_up_when_asked_for_a_message_leaves_none(office, called, carrier, messages):
	carrier.control("people", {office: {"behaviour": "busy"}})
	number = make.phone()
	log = called(number=number, digits=["6"], leaves_at="leave a spoken message")
	assert (log.transfer_state, log.status) == ("Busy", "completed") and not messages(number)


def test_an_office_that_hangs_up_in_the_whisper_takes_nothing(office, called, carrier):
	carrier.control("people", {office: {"behaviour": "hangs up", "after": 0}})
	assert called(digits=["6"]).transfer_state == "Not taken"


def test_a_caller_who_hangs_up_while_speaking_has_left_a_message(office, called, carrier, messages):
	carrier.control("people", {office: {"behaviour": "busy"}})
	number = make.phone()
	called(number=number, digits=["6", "1"], says=["Ana is sick."], hangs_up_in="record")
	assert len(messages(number)) == 1


def test_silence_leaves_no_message(office, called, carrier, messages):
	carrier.control("people", {office: {"behaviour": "busy"}})
	number = make.phone()
	log = called(number=number, digits=["6", "1"], says=[0])
	assert not messages(number)
	assert "nothing to hear" in heard(carrier, log.carrier_sid)


@pytest.mark.parametrize(
	"key, scope", [("9", "all non-emergency"), ("7", "this purpose"), ("8", "everything")]
)
def test_the_calls_can_be_stopped_on_the_way_to_the_office(office, called, carrier, messages, key, scope):
	carrier.control("people", {office: {"behaviour": "no answer"}})
	number = make.phone()
	log = called(number=number, digits=["6", key])
	assert {stop.scope for stop in ledger.read([number])[number].opt_outs} == {scope}
	assert not messages(number)
	assert heard(carrier, log.carrier_sid).endswith("Goodbye.")


def test_a_key_that_ends_the_recording_may_stop_the_calls_too(office, called, carrier, messages):
	carrier.control("people", {office: {"behaviour": "busy"}})
	number = make.phone()
	called(number=number, digits=["6", "1"], says=["Stop it."], finishes_with="9")
	assert len(messages(number)) == 1
	assert ledger.read([number])[number].opt_outs


def test_no_message_is_offered_where_the_school_wants_none(office, called, carrier, settings, messages):
	settings({"no_office_messages": 1})
	carrier.control("people", {office: {"behaviour": "busy"}})
	log = called(digits=["6", "1"])
	said = heard(carrier, log.carrier_sid)
	assert "cannot take your call" in said and "spoken message" not in said


def test_six_means_nothing_where_the_office_is_not_offered(office, called, carrier, settings, dials):
	settings({"connect_office": 0})
	log = called(digits=["6"])
	said = heard(carrier, log.carrier_sid)
	assert "press 6" not in said and "no meaning" in said
	assert not log.transfer_state and not dials(log.carrier_sid)


@pytest.mark.parametrize("check, result", [("Key 1", "not confirmed"), ("PIN", "no PIN")])
def test_before_one_is_identified_the_office_hears_nothing(office, called, carrier, dials, check, result):
	doc, number, _school = family(identity_check=check)
	log = called(doc, number, digits=["6"])
	(one,) = dials(log.carrier_sid)
	assert set(one["whispered"]) == {"A call for the office. Press 1 to take the call."}
	assert SECRET not in heard(carrier, log.carrier_sid)
	assert (log.content, log.result) == ("Generic", result)


def test_while_a_pin_is_asked_for_the_office_hears_nothing(office, called, dials):
	doc, number, _school = family(identity_check="PIN")
	frappe.db.commit()
	doc.reload()
	prepare(doc)
	pins.make_pin("Guardian", make.recipients(doc.name, "person")[0].person, "Ana")
	frappe.db.commit()
	log = called(doc, number, digits=["6"], prepared=True)
	(one,) = dials(log.carrier_sid)
	assert set(one["whispered"]) == {"A call for the office. Press 1 to take the call."}
	assert (log.content, log.result) == ("Generic", "not confirmed")


def test_after_the_key_the_office_hears_what_it_is_about_and_no_name(office, called, dials):
	doc, number, _school = family()
	log = called(doc, number, digits=["1", "6"])
	(one,) = dials(log.carrier_sid)
	assert set(one["whispered"]) == {"A parent about the absence call. Press 1 to take the call."}
	assert log.content == "Full"


@pytest.mark.parametrize("off", [0, 1])
def test_in_an_emergency_it_works_unless_the_school_turned_it_off(
	office, carrier, answering, settings, dials, off
):
	settings({"office_not_in_emergencies": off})
	number = make.phone()
	answering(number, "presses", digits=["6"])
	doc = emergencies.approved([number])
	planner.run(doc.name)
	dial(carrier, emergency=True)
	frappe.db.rollback()
	log = frappe.get_last_doc("Dialer Call Log", {"campaign": doc.name})
	assert bool(dials(log.carrier_sid)) == (not off)
	assert (log.transfer_state == "Connected") == (not off)


@pytest.fixture
def talking(school) -> list[str]:
	"""Write the logs of two calls to us that the office is busy with, and return their names."""
	return [inbound_log(transfer_state="Talking", transfer_at=clock.db_now()) for _ in range(2)]


def inbound_log(**values) -> str:
	sid = f"CA{secrets.token_hex(16)}"
	name = inbound.log_inbound(sid, make.phone(), SENDER, "Voice", **values)
	frappe.db.commit()
	return name


def test_no_more_callers_at_once_than_the_office_can_take(office, called, dials, talking, messages):
	number = make.phone()
	log = called(number=number, digits=["6", "1"], says=["Hello"], finishes_with="#")
	assert log.transfer_state == "Lines full" and not dials(log.carrier_sid)
	assert len(messages(number)) == 1


def test_a_call_that_was_never_reported_ended_holds_no_line_for_ever(office, called, talking):
	long_ago = clock.to_db(clock.now() - line.LONGEST - timedelta(minutes=1))
	frappe.db.sql("update `tabDialer Call Log` set transfer_at = %s where name in %s", (long_ago, talking))
	assert called(digits=["6"]).transfer_state == "Connected"


def test_one_number_does_not_keep_the_office_busy(office, called, dials):
	number = make.phone()
	for _ in range(line.OF_ONE_NUMBER):
		inbound.log_inbound(
			f"CA{secrets.token_hex(16)}",
			number,
			SENDER,
			"Voice",
			transfer_state="Connected",
			transfer_at=clock.db_now(),
		)
	frappe.db.commit()
	assert called(number=number, digits=["6"]).transfer_state == "Lines full"


def test_the_last_free_lines_are_given_once(office):
	"""Many callers ask in the same moment, each in a transaction of its own."""
	names = [inbound_log() for _ in range(8)]

	def ask(name: str) -> None:
		retried(lambda: (line.start(dialogue.read_by_name(name)), frappe.db.commit()))

	with ExitStack() as stack:
		threads = [stack.enter_context(DbThread()) for _ in names]
		for one in [thread.submit(ask, name) for thread, name in zip(threads, names, strict=True)]:
			one.result()
	frappe.db.rollback()
	of_names = {"name": ("in", names)}
	states = frappe.get_all("Dialer Call Log", of_names, pluck="transfer_state", order_by="name")
	assert sorted(states) == ["Lines full"] * 6 + ["Ringing"] * 2


@pytest.mark.parametrize("number", ["", "12", SENDER, "+18885550142"])
def test_no_other_number_is_ever_called(office, called, dials, settings, number):
	"""Whatever is in the database: nothing, no number, or one whose calls come back to this site."""
	settings({"office_number": number})
	before = frappe.db.get_single_value("Dialer Settings", "opt_out_number", cache=False)
	frappe.db.set_single_value("Dialer Settings", "opt_out_number", "+18885550142")
	try:
		log = called(digits=["6"])
	finally:
		frappe.db.set_single_value("Dialer Settings", "opt_out_number", before)
		settings({})
	assert not dials(log.carrier_sid) and log.transfer_state in (None, "", "Office closed")


@pytest.mark.parametrize(
	"values, refused",
	[
		({"office_number": ""}, "enter the number"),
		({"office_number": SENDER}, "come back to this site"),
		({"office_number": "911"}, "not a telephone number"),
		({"office_number": "+1 900 555 0142"}, "cost extra|not a telephone number"),
		({"office_ring_seconds": 90}, "5 to 60 seconds"),
	],
)
def test_settings_refuse_what_cannot_be_the_office(office, values, refused):
	doc = frappe.get_doc("Dialer Settings")
	doc.update(values)
	with pytest.raises(frappe.ValidationError, match=refused):
		doc.save()
