"""An emergency speaks at once and twice, is listened to meanwhile, and asks for a key afterward."""

import frappe
import pytest

from school_dialer.base import states
from school_dialer.calls import live_call
from school_dialer.campaigns.planning import planner
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.households import only
from tests.integration.with_carrier.running import dial, prepare

WORDS = "The school is closed because of a gas leak."
SAID = {"voice": WORDS, "voicemail": WORDS, "text": WORDS}


def called(carrier, answering, behaviour: str, **told):
	"""Run an emergency to one person. Return their recipient, its log, and the call as the carrier saw it."""
	number = make.phone()
	answering(number, behaviour, **told)
	doc = emergencies.approved([number], template=make.template("Emergency", said=SAID), max_attempts=2)
	planner.run(doc.name)
	dial(carrier, emergency=True)
	row = only(doc)
	line = [one for one in carrier.log("outcome") if one["to"] == number][-1]
	return row, frappe.get_doc("Dialer Call Log", {"recipient": row.name}), line


def test_nothing_delays_the_first_word(carrier, answering, posted):
	row, log, line = called(carrier, answering, "answers")
	(call,) = posted(line["to"])
	assert (call["params"]["AsyncAmd"], call["params"]["MachineDetection"]) == ("true", "Enable")
	assert "log=" in call["params"]["AsyncAmdStatusCallback"]
	assert line["sentences"].count(WORDS) == 2
	assert (row.status, log.result, log.answered_by) == ("Reached", "reached", "human")


@pytest.mark.parametrize(
	("keys", "status", "result"),
	[((), "Retry", "not confirmed"), (("1",), "Reached", "reached"), (("2",), "Reached", "reached")],
)
def test_who_says_nothing_for_some_seconds_hears_all_of_it(carrier, answering, keys, status, result):
	behaviour = "presses" if keys else "answers"
	row, log, line = called(
		carrier, answering, behaviour, answered_by="unknown", **({"digits": list(keys)} if keys else {})
	)
	assert line["sentences"].count(WORDS) >= 2 and line["heard_seconds"] >= log.seconds_needed
	assert (row.status, log.result) == (status, result)


def test_a_machine_gets_the_words_and_is_no_person(carrier, answering):
	row, log, line = called(carrier, answering, "voicemail", greeting=6)
	assert WORDS in line["left"]
	assert (row.status, log.result, log.voicemail_left) == ("Retry", "voicemail", "Not known")


@pytest.mark.parametrize(
	("late", "status", "result"), [("human", "Reached", "reached"), ("machine_start", "Retry", "voicemail")]
)
def test_who_answered_may_be_known_when_the_call_is_over(carrier, answering, late, status, result):
	row, log, _line = called(carrier, answering, "answers", answered_by="unknown")
	assert row.status == "Retry"
	live_call.detected(log.name, log.carrier_sid, late)
	log.reload()
	assert (frappe.db.get_value("Dialer Recipient", row.name, "status"), log.result) == (status, result)


def test_who_answered_may_be_known_while_the_words_are_made(carrier, answering, monkeypatch):
	_row, log, _line = called(carrier, answering, "answers")
	rings = {"status": "ringing", "status_rank": states.rank("ringing"), "answered_by": None}
	frappe.db.set_value("Dialer Call Log", log.name, {**rings, "dialogue": None})
	real = live_call.first_words

	def slow(*args):
		live_call.detected(log.name, log.carrier_sid, "human")
		return real(*args)

	monkeypatch.setattr(live_call, "first_words", slow)
	assert WORDS in live_call.answer(log.name, log.carrier_sid, "")
	log.reload()
	assert (log.status, log.answered_by) == ("in-progress", "human")


def test_who_answered_may_be_known_in_the_moment_in_which_the_call_ends(carrier, answering, monkeypatch):
	row, log, _line = called(carrier, answering, "answers", answered_by="unknown")
	assert row.status == "Retry"
	real, reads = live_call.voice_log, []

	def read(*args):
		"""Return the log, the first time as it was before its call ended."""
		found = real(*args)
		if not reads:
			found.status_rank = states.rank("in-progress")
		reads.append(found)
		return found

	monkeypatch.setattr(live_call, "voice_log", read)
	live_call.detected(log.name, log.carrier_sid, "human")
	assert frappe.db.get_value("Dialer Recipient", row.name, "status") == "Reached"


def test_who_pressed_a_key_is_no_machine_whatever_is_reported_later(carrier, answering):
	row, log, _line = called(carrier, answering, "presses", answered_by="unknown", digits=["2"])
	assert row.status == "Reached"
	live_call.detected(log.name, log.carrier_sid, "machine_start")
	log.reload()
	assert (log.answered_by, log.result) == ("machine_start", "reached")


def test_a_report_about_another_call_changes_nothing(carrier, answering):
	_row, log, _line = called(carrier, answering, "answers")
	live_call.detected(log.name, "CA0", "machine_start")
	live_call.detected("no-such-log", log.carrier_sid, "machine_start")
	live_call.detected(log.name, log.carrier_sid, "")
	log.reload()
	assert (log.answered_by, log.result) == ("human", "reached")


def test_other_calls_are_listened_to_first_and_say_it_once(carrier, answering, posted):
	number = make.phone()
	make.consent(number)
	answering(number, "answers", answered_by="unknown")
	doc = make.campaign([number], template=make.template(said=SAID), max_attempts=2)
	prepare(doc)
	dial(carrier)
	(call,) = posted(number)
	assert "AsyncAmd" not in call["params"]
	line = [one for one in carrier.log("outcome") if one["to"] == number][-1]
	assert line["sentences"].count(WORDS) == 1
	assert (only(doc).status, only(doc).outcome) == ("Retry", "not confirmed")
