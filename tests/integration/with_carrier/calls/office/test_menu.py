"""Who calls the school's number: the menu, in their language, for known, unknown and withheld numbers."""

import secrets

import frappe
import pytest

from dev.demo.stage import SENDER
from school_dialer.base import clock
from school_dialer.base.database.rows import insert
from school_dialer.calls import absence_line, inbound_calls
from school_dialer.consent import ledger
from school_dialer.messages.phrases import phrase
from school_dialer.messages.spoken.menu_state import MOST_TURNS
from tests.integration import factories as make
from tests.integration.with_carrier.keypad import family

pytestmark = pytest.mark.dates

ANONYMOUS = "+266696687"
WITHHELD = ("anonymous", "Restricted", ANONYMOUS, "+7378742833", "")


@pytest.fixture
def caller(carrier):
	"""Return a function that lets a number call the school, and returns the transcript and the log."""

	def call(number: str, behaviour: str = "presses", **more):
		given = {"from": number, "to": SENDER, "behaviour": behaviour, **more}
		found = carrier.control("inbound_call", given)
		carrier.wait_until_idle()
		frappe.db.rollback()
		name = frappe.db.get_value("Dialer Call Log", {"carrier_sid": found["sid"], "direction": "Inbound"})
		return found, frappe.get_doc("Dialer Call Log", name) if name else None

	return call


@pytest.fixture
def earlier(school):
	"""Return a function that writes an earlier call of a campaign to this number."""

	def write(number: str, language: str = "en", days: int = 1, **words) -> str:
		doc = make.campaign([number], template=make.template("Event", **words))
		at = clock.to_db(clock.now() - clock.timedelta(days=days))
		row = {"name": frappe.generate_hash(length=12), "direction": "Outbound", "channel": "Voice"}
		row |= {"phone": number, "campaign": doc.name, "verdict": "ALLOW", "placed_at": at}
		row |= {"students": "[]", "status": "completed", "status_rank": 90, "language": language}
		row |= {"template": doc.template, "purpose": "Event", "recipient": "x", "person_name": "Maria Lopez"}
		insert("Dialer Call Log", [row])
		frappe.db.commit()
		return doc.name

	return write


@pytest.mark.story
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_parent_hears_the_menu_in_their_language_and_reaches_the_office(office, caller, earlier, language):
	number = make.phone()
	earlier(number, language)
	found, log = caller(number, digits=["0"])
	said = found["sentences"]
	for key in ("menu_last", "menu_office", "inbound_stop", "office_connect"):
		assert phrase(key, language) in said, key
	(dialed,) = found["dials"]
	assert dialed["numbers"] == [office] and dialed["bridged"]
	assert set(dialed["whispered"]) == {phrase("whisper", "en")}
	assert (log.transfer_state, log.language) == ("Connected", language)


def test_the_office_hears_the_callers_number_nowhere(office, caller, carrier):
	found, _log = caller(make.phone(), digits=["6"])
	leg = carrier.control("call", {"sid": found["dials"][0]["legs"][0]})
	assert leg["from"] == SENDER


def test_outside_hours_a_message_becomes_part_of_the_conversation(office, caller, settings, messages):
	settings({"office_closes": "09:00:00"})
	number = make.phone()
	found, log = caller(number, digits=["0", "1"], says=["Ana is sick."], finishes_with="#")
	assert not found["dials"] and log.transfer_state == "Office closed"
	(message,) = messages(number)
	assert message.reference_name == log.name and message.recording == found["recordings"][0]
	said = " ".join(found["sentences"])
	assert said.index("is closed now") < said.index("will be recorded") < said.index("after the tone")


def test_the_last_message_is_heard_in_generic_words(office, caller, earlier):
	number = make.phone()
	earlier(number, voice="Hello {{ recipient_name }}.", voicemail="The fair is on Thursday.")
	found, _log = caller(number, digits=["1", "1"])
	assert found["sentences"].count("The fair is on Thursday.") == 2
	assert "Maria" not in " ".join(found["sentences"])


def test_a_message_that_was_wrong_and_is_corrected_is_not_heard(office, caller, earlier):
	number = make.phone()
	earlier(number, days=2, voicemail="The fair is on Thursday.")
	wrong = earlier(number, voicemail="The fair is canceled.")
	correction = make.campaign([number], title=f"{make.OURS}correction")
	frappe.db.set_value("Dialer Campaign", correction.name, "corrects", wrong)
	frappe.db.commit()
	found, _log = caller(number, digits=["1"])
	assert "The fair is on Thursday." in found["sentences"]
	assert "The fair is canceled." not in found["sentences"]


def test_nothing_of_a_child_is_ever_heard(office, caller, called):
	doc, number, _school = family()
	called(doc, number, digits=["1"])
	found, _log = caller(number, digits=["1"])
	said = " ".join(found["sentences"])
	assert "bad day" not in said and "Ana" not in said


@pytest.mark.parametrize("days", [15, 100])
def test_an_old_message_is_not_offered(office, caller, earlier, days):
	number = make.phone()
	earlier(number, days=days)
	found, _log = caller(number, digits=["1"])
	assert phrase("menu_last", "en") not in found["sentences"]
	assert phrase("unknown_key", "en") in found["sentences"]


def test_an_unknown_caller_hears_the_menu_without_it(office, caller):
	found, log = caller(make.phone(), behaviour="answers")
	assert phrase("menu_last", "en") not in found["sentences"]
	assert phrase("menu_office", "en") in found["sentences"] and log.dialogue == "menu:0:0"


@pytest.mark.parametrize("number", WITHHELD)
def test_a_withheld_number_reaches_the_office(office, number):
	sid = f"CA{secrets.token_hex(16)}"
	first = inbound_calls.answer(sid, number, SENDER)
	assert phrase("menu_office", "en") in first and phrase("inbound_stop", "en") in first
	assert "<Dial" in inbound_calls.key(sid, "0", 0)
	log = frappe.get_doc("Dialer Call Log", {"carrier_sid": sid})
	assert not log.phone and log.transfer_state == "Ringing"
	frappe.db.rollback()


@pytest.mark.parametrize("known", [True, False])
def test_a_caller_with_a_hidden_number_is_asked_for_it_and_stops_the_calls(office, carrier, known):
	"""Check that no stranger is texted because someone else entered their number."""
	number = make.unlisted_phone()
	if known:
		make.consent(number)
		frappe.db.commit()
	pressed = {"behaviour": "presses", "digits": ["9", "123#", f"{number[2:]}#"]}
	found = carrier.control("inbound_call", {"from": ANONYMOUS, "to": SENDER, **pressed})
	assert found["sentences"].count(phrase("menu_number", "en")) == 2
	assert "no more automated calls" in found["sentences"][-1]
	frappe.db.rollback()
	assert {one.scope for one in ledger.read([number])[number].opt_outs} == {"all non-emergency"}
	event = frappe.get_last_doc("Consent Event", {"phone": number})
	assert event.source == "Inbound Call" and "hidden" in event.note
	assert frappe.db.exists("Dialer Review", {"consent_event": event.name, "status": "Open"})
	assert bool(frappe.db.exists("Dialer Notice", {"consent_event": event.name})) is known


def test_no_one_stops_the_schools_own_number_from_a_hidden_one(office):
	sid = f"CA{secrets.token_hex(16)}"
	inbound_calls.answer(sid, "anonymous", SENDER)
	inbound_calls.key(sid, "9", 0)
	assert phrase("menu_number", "en") in inbound_calls.key(sid, SENDER[2:], 1)
	assert not ledger.read([SENDER])[SENDER].opt_outs
	frappe.db.rollback()


def test_a_withheld_number_is_told_when_the_office_answers(office, settings):
	settings({"office_closes": "09:00:00"})
	sid = f"CA{secrets.token_hex(16)}"
	inbound_calls.answer(sid, "anonymous", SENDER)
	said = inbound_calls.key(sid, "0", 0)
	assert "is closed now" in said and "<Gather" not in said
	frappe.db.rollback()


@pytest.mark.parametrize("keys", [["9"], ["1", "9"], ["5", "9"]])
def test_nine_stops_the_calls_anywhere(office, caller, keys):
	number = make.phone()
	make.consent(number)
	frappe.db.commit()
	found, log = caller(number, digits=keys)
	assert ledger.read([number])[number].opt_outs and "no more automated calls" in found["sentences"][-1]
	event = frappe.get_last_doc("Consent Event", {"phone": number})
	assert (event.source, event.reference_name) == ("Inbound Call", log.name)


def test_nine_stops_the_calls_on_the_way_to_the_office_too(office, caller, settings):
	settings({"office_closes": "09:00:00"})
	number = make.phone()
	caller(number, digits=["0", "9"])
	assert ledger.read([number])[number].opt_outs


def test_a_machine_that_presses_for_ever_is_out_after_some_keys(office, caller):
	found, log = caller(make.phone(), digits=["5"] * 50)
	assert len(found["documents"]) == MOST_TURNS + 1 and log.dialogue.startswith("over:")
	found, _log = caller(make.phone(), behaviour="answers")
	assert len(found["documents"]) == 1 and found["status"] == "completed"


def test_repeated_and_late_requests_get_the_same_again(office, earlier):
	number, sid = make.phone(), f"CA{secrets.token_hex(16)}"
	earlier(number, voicemail="The fair is on Thursday.")
	first = inbound_calls.answer(sid, number, SENDER)
	assert inbound_calls.answer(sid, number, SENDER) == first
	heard = inbound_calls.key(sid, "1", 0)
	assert "Thursday" in heard and inbound_calls.key(sid, "1", 0) == heard
	connected = inbound_calls.key(sid, "0", 1)
	assert "<Dial" in connected
	for digits, turn in (("0", 1), ("1", 0), ("5", 0)):
		assert inbound_calls.key(sid, digits, turn) == connected
	assert inbound_calls.answer(sid, number, SENDER) == connected
	frappe.db.rollback()


def test_a_key_of_a_call_that_is_not_known_changes_nothing(office):
	before = frappe.db.count("Dialer Call Log")
	assert "<Gather" not in inbound_calls.key(f"CA{secrets.token_hex(16)}", "9", 0)
	assert frappe.db.count("Dialer Call Log") == before


@pytest.mark.parametrize("faults", [{"double_document": 1.0}, {"double_callback": 1.0}])
def test_the_carriers_repetitions_change_nothing(office, caller, carrier, earlier, faults):
	number = make.phone()
	earlier(number, voicemail="The fair is on Thursday.")
	carrier.control("faults", faults)
	found, log = caller(number, digits=["1", "0"])
	assert found["sentences"].count("The fair is on Thursday.") == 1
	assert len(found["dials"]) == 1 and log.transfer_state == "Connected"


def test_one_of_the_schools_own_numbers_is_only_told_whose_number_it_is(office, carrier):
	sid = f"CA{secrets.token_hex(16)}"
	said = inbound_calls.answer(sid, SENDER, SENDER)
	assert "<Gather" not in said and "<Dial" not in said
	assert "<Dial" not in inbound_calls.key(sid, "0", 0)
	frappe.db.rollback()


def test_reporting_an_absence_leads_to_its_own_line(office, monkeypatch):
	monkeypatch.setattr(absence_line, "is_offered", lambda _phone: True)
	number, sid = make.phone(), f"CA{secrets.token_hex(16)}"
	assert phrase("menu_absence", "en") in inbound_calls.answer(sid, number, SENDER)
	leads = inbound_calls.key(sid, "2", 0)
	assert "<Redirect" in leads and "webhooks.twilio.absence_line?log=" in leads
	assert inbound_calls.key(sid, "2", 0) == leads
	frappe.db.rollback()


def test_without_an_office_a_message_can_be_left(office, settings, caller, messages):
	settings({"connect_office": 0})
	number = make.phone()
	found, log = caller(number, digits=["0", "1"], says=["Hello"], finishes_with="#")
	assert len(messages(number)) == 1 and log.transfer_state == "Office closed"
	assert "cannot take your call" in " ".join(found["sentences"])
