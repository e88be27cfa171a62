"""Reached means that a person heard the message, and left means that a machine recorded it.

Each scenario of the carrier is judged by the part of the message that came through.
"""

import frappe
import pytest

from school_dialer import scheduler
from school_dialer.calls import live_call, phone_recording
from school_dialer.consent import ledger
from school_dialer.desk import settings as desk
from school_dialer.messages.spoken.question import POLL
from school_dialer.reporting import live
from school_dialer.settings import carrier_settings as dialer
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass, make_due, only
from tests.integration.with_carrier.keypad import VOTE, family, template
from tests.integration.with_carrier.lost import UNHEARD, campaign_to, later, settle
from tests.integration.with_carrier.running import dial, prepare, state_of

pytestmark = pytest.mark.exhaustive

LONG = {
	"voice": "The concert is on Thursday at six in the gym, "
	"and the bus leaves the school at half past five in the evening."
}


def called(carrier, answering, behaviour: str = "answers", told: dict | None = None, **values):
	"""Run a campaign to one person until nothing is due.

	Return it, its latest log, and the last call as the carrier saw it.
	"""
	number = make.phone()
	make.consent(number)
	answering(number, behaviour, **(told or {}))
	doc = make.campaign([number], **{"template": make.template(said=LONG), **values})
	prepare(doc)
	dial(carrier)
	return doc, latest(doc), outcomes(carrier, number)[-1]


def latest(doc):
	frappe.db.rollback()
	return frappe.get_doc("Dialer Call Log", make.recipients(doc.name, "last_call_log")[0].last_call_log)


def outcomes(carrier, number: str) -> list[dict]:
	return [line for line in carrier.log("outcome") if line["to"] == number]


# Tests of voicemail.


@pytest.mark.story
@pytest.mark.parametrize("beep", [True, "silence", "other"])
@pytest.mark.parametrize("greeting", [2, 20, 45])
def test_voicemail_is_left_after_the_greeting(carrier, answering, posted, beep, greeting):
	doc, log, line = called(carrier, answering, "voicemail", {"greeting": greeting, "beep": beep})
	(call,) = posted(line["to"])
	assert call["params"]["MachineDetection"] == "DetectMessageEnd"
	assert 30 <= int(call["params"]["MachineDetectionTimeout"]) <= 59
	assert line["left"] == line["sentences"] and "We have news about a concert." in line["left"]
	assert (log.result, log.voicemail_left) == ("voicemail", "Yes" if beep is True else "Not known")
	assert only(doc).status == "Not Reached"
	assert live.live_figures(doc)["outcomes"] == {"Voicemail": 1}


@pytest.mark.parametrize(
	("told", "left"),
	[
		({"greeting": 5, "beep": True, "after_seconds": 8}, "No"),
		({"greeting": 5, "beep": True, "after_seconds": 3}, "No"),
		({"greeting": 5, "beep": False, "timed_out_as": "machine_start"}, "Not known"),
		({"greeting": 5, "beep": False}, "Not known"),
		({"greeting": 75, "beep": True}, "Not known"),
	],
	ids=["cut off", "gone in the greeting", "never beeps", "never beeps, unknown", "greets too long"],
)
def test_what_is_not_known_to_be_left_is_not_said_to_be(carrier, answering, told, left):
	doc, log, line = called(carrier, answering, "voicemail", told)
	assert only(doc).status == "Not Reached"
	assert log.voicemail_left == left or (log.voicemail_left is None and not line["answered_by"])
	whole = [sentence for sentence in line["sentences"] if sentence in line["left"]]
	assert whole != line["sentences"] or not whole


def test_a_person_behind_a_phone_that_screens_calls_hears_the_message(carrier, answering):
	"""Check that what came before key 1 is no part of the message: who leaves early is called again."""
	doc, log, line = called(carrier, answering, "screens")
	assert only(doc).status == "Reached" and log.answered_by == "human"
	assert log.voicemail_left == "No"
	assert line["sentences"].count("This is Riverside School District calling.") == 2
	doc, _log, _line = called(carrier, answering, "screens", {"leaves_at": "press 9"})
	assert only(doc).status != "Reached"


def test_who_screens_a_call_can_stop_the_calls(carrier, answering):
	screened = {"answered_by": "machine_end_silence", "digits": "9", "after": 2}
	_doc, log, _line = called(carrier, answering, "presses", screened)
	assert {one.scope for one in ledger.read([log.phone])[log.phone].opt_outs} == {"all non-emergency"}


def test_a_fax_has_nothing(carrier, answering):
	_doc, log, _line = called(carrier, answering, "fax")
	assert (log.result, log.voicemail_left) == ("voicemail", "No")


def test_calls_to_staff_who_record_are_not_listened_to_first(school):
	"""Check that answering-machine detection is off, since no message is to be left on a machine there."""
	assert not phone_recording.request("no-log", "no-recording").detect_voicemail


# Tests of people who answer.


def test_who_stays_is_reached(carrier, answering):
	doc, log, line = called(carrier, answering)
	assert line["heard_seconds"] >= log.seconds_needed > 0
	assert (only(doc).status, log.result, log.content) == ("Reached", "reached", "Full")
	assert live.live_figures(doc)["outcomes"] == {"Answered": 1}


@pytest.mark.story
@pytest.mark.parametrize("seconds", [0, 1, 2, 3, 5, 8])
def test_who_hangs_up_early_is_not_reached(carrier, answering, seconds):
	doc, log, line = called(carrier, answering, told={"after_seconds": seconds}, max_attempts=2)
	assert line["status"] == "completed" and line["heard_seconds"] < 10
	row = only(doc)
	assert (row.status, row.outcome, log.result) == ("Retry", "hung up early", "hung up early")
	assert state_of(doc) == "Running"
	assert live.live_figures(doc)["outcomes"] == {"Hung Up Early": 1}


def test_who_hangs_up_twice_is_left_alone(carrier, answering, posted):
	doc, _log, line = called(carrier, answering, told={"after_seconds": 4}, max_attempts=5)
	make_due(only(doc))
	dial(carrier)
	row = only(doc)
	assert (row.status, row.outcome, row.attempts) == ("Not Reached", "hung up early", 2)
	assert len(posted(line["to"])) == 2


def test_who_hung_up_once_and_then_does_not_answer_is_left_alone(carrier, answering, posted):
	early = {"attempts": [{"behaviour": "answers", "after_seconds": 4}, {"behaviour": "no answer"}]}
	doc, _log, line = called(carrier, answering, told=early, max_attempts=5)
	make_due(only(doc))
	dial(carrier)
	assert (only(doc).status, len(posted(line["to"]))) == ("Not Reached", 2)


def test_who_hears_it_the_second_time_is_reached(carrier, answering):
	early = {"attempts": [{"behaviour": "answers", "after_seconds": 4}, {"behaviour": "answers"}]}
	doc, _log, _line = called(carrier, answering, told=early, max_attempts=2)
	make_due(only(doc))
	dial(carrier)
	assert only(doc).status == "Reached"


@pytest.mark.parametrize("key", ["2", "4", "0"])
def test_a_key_in_the_first_seconds_does_not_show_that_it_was_heard(carrier, answering, key):
	"""Check a key pressed by mistake, and the one that repeats the message, by someone who then leaves."""
	doc, log, _line = called(carrier, answering, "presses", {"digits": [key], "after": 1, "after_seconds": 8})
	assert (only(doc).outcome, log.result, log.keys_pressed) == ("hung up early", "hung up early", key)


def test_an_opt_out_in_the_first_seconds_ends_the_attempts(carrier, answering):
	doc, log, _line = called(carrier, answering, "presses", {"digits": ["9"], "after": 1})
	assert (only(doc).status, log.result) == ("Reached", "reached")


def test_the_key_that_opens_the_message_is_not_yet_the_message(carrier, answering):
	number = make.phone()
	school = SchoolClass([{"Ana": [number]}])
	words = template("Attendance", voice="This is for {{ student_names }}. " + LONG["voice"])
	doc = school.campaign(purpose="Attendance", template=words)
	answering(number, "presses", digits=["1"], after=1, after_seconds=9)
	prepare(doc)
	dial(carrier)
	assert latest(doc).keys_pressed == "1"
	assert only(doc).outcome == "hung up early"


def test_who_hangs_up_at_the_gate_has_not_refused_it(carrier, answering):
	doc, number, _school = family(max_attempts=2)
	answering(number, "answers", after_seconds=4)
	prepare(doc)
	dial(carrier)
	assert only(doc).outcome == "hung up early"


# Tests of failures of the site.


@pytest.fixture
def site_down(monkeypatch):
	"""Make the URL of the message return an error, while everything else works."""
	real = dialer.webhook_url

	def url(event: str, **query):
		return real("no_such_method" if event == "voice" else event, **query)

	monkeypatch.setattr(live_call.carrier_settings, "webhook_url", url)
	return monkeypatch


def test_when_the_site_is_down_no_one_is_reached_and_everybody_is_tried_again(carrier, answering, site_down):
	doc, log, line = called(carrier, answering, max_attempts=2)
	assert line["status"] == "completed" and line["heard_seconds"] == 0
	assert (log.status, log.result, log.content or "") == ("completed", "words not fetched", "")
	row = only(doc)
	assert (row.status, row.outcome) == ("Retry", "words not fetched")
	assert live.live_figures(doc)["outcomes"] == {"Words Not Fetched": 1}
	assert not frappe.db.exists("Dialer Disclosure", {"call_log": log.name})
	site_down.undo()
	make_due(row)
	dial(carrier)
	assert only(doc).status == "Reached"


def set_fallback(url: str) -> None:
	frappe.db.set_single_value("Dialer Settings", "fallback_url", url)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


@pytest.mark.parametrize("behaviour", ["answers", "voicemail"])
def test_the_fallback_says_who_called_and_counts_as_nothing(carrier, answering, site_down, behaviour):
	address = carrier.control("bins", {"school": desk.fallback_words()})["bins"]["school"]
	set_fallback(address)
	try:
		doc, log, line = called(carrier, answering, behaviour, max_attempts=2)
	finally:
		set_fallback("")
	school = live_call.store.school()
	said = " ".join(line["sentences"])
	assert school.identity in said and "call us back" in said and "To stop these calls" in said
	assert line["fell_back"] and log.result == "words not fetched" and only(doc).status == "Retry"
	assert log.voicemail_left == ("No" if behaviour == "voicemail" else None)


# Tests of lost callbacks.


@pytest.mark.parametrize(
	("behaviour", "told", "outcome", "result"),
	[
		("answers", {}, "Reached", "reached"),
		("answers", {"after_seconds": 4}, "Not Reached", "hung up early"),
		("voicemail", {"beep": True, "greeting": 6}, "Not Reached", "voicemail"),
	],
)
def test_a_look_up_is_judged_by_the_same_rule(carrier, answering, behaviour, told, outcome, result):
	number = make.phone()
	make.consent(number)
	answering(number, behaviour, **told)
	doc = campaign_to([number], carrier, UNHEARD, channel="Voice", template=make.template(said=LONG))
	later(doc, minutes=11)
	settle()
	log = latest(doc)
	assert (only(doc).status, log.result) == (outcome, result)
	assert log.duration > 0 and log.answered_by
	scheduler.tick()


def test_a_look_up_of_a_call_whose_words_were_not_fetched(carrier, answering, site_down):
	number = make.phone()
	make.consent(number)
	answering(number, "answers")
	doc = campaign_to([number], carrier, UNHEARD, channel="Voice")
	later(doc, minutes=11)
	settle()
	assert latest(doc).result == "words not fetched"


# Tests of keys and words just before the hang-up.


@pytest.fixture(params=["action first", "status first"])
def order(request, carrier):
	carrier.control("account", {"hangup_order": request.param})
	yield request.param
	carrier.control("account", {"hangup_order": "action first"})


def answers_of(doc) -> list:
	frappe.db.rollback()
	return frappe.get_all("Dialer Answer", {"campaign": doc.name}, ["answer", "recording"], order_by="name")


def test_an_answer_and_a_hang_up(carrier, answering, order):
	doc, log, _line = called(
		carrier,
		answering,
		"presses",
		{"digits": ["2"], "hangs_up_in": "gather"},
		template=template(asks=POLL, **VOTE),
		max_attempts=2,
	)
	assert [one.answer for one in answers_of(doc)] == [2]
	assert (only(doc).status, log.keys_pressed, log.result) == ("Reached", "2", "reached")


def test_nine_and_a_hang_up(carrier, answering, order):
	doc, _log, line = called(
		carrier, answering, "presses", {"digits": ["9"], "hangs_up_in": "gather"}, max_attempts=2
	)
	assert frappe.db.exists("Consent Event", {"phone": line["to"], "kind": "Opt Out", "source": "Keypad"})
	assert only(doc).status == "Reached"


def test_an_acknowledgment_and_a_hang_up(carrier, answering, order):
	doc, log, _line = called(
		carrier,
		answering,
		"presses",
		{"digits": ["1"], "hangs_up_in": "gather"},
		acknowledge=1,
		max_attempts=2,
	)
	assert (only(doc).status, log.acknowledged) == ("Reached", 1)


def test_hanging_up_is_no_key(carrier, answering, order):
	doc, log, _line = called(
		carrier,
		answering,
		"presses",
		{"digits": [], "hangs_up_in": "gather", "after": 1},
		max_attempts=2,
	)
	assert not log.keys_pressed and log.dialogue.split(":")[1] == "0"
	assert only(doc).status in ("Retry", "Reached")
