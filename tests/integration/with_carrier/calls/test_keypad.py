"""PINs, polls and reasons through the real webhooks and the simulated carrier.

Covered are who hears what, what is stored, and what never is.
"""

import json

import frappe
import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from school_dialer import gate
from school_dialer.calls import live_call, pins, survey_answers
from school_dialer.campaigns import actions
from school_dialer.campaigns.parties import asking
from school_dialer.campaigns.planning import planner
from school_dialer.messages.spoken.ivr_state import Digits
from school_dialer.messages.spoken.question import POLL, REASON
from school_dialer.outbound.attempts import call_logs, claims
from school_dialer.webhooks.signature import signed
from tests.integration import factories as make
from tests.integration import statements
from tests.integration.with_carrier.keypad import VOTE, family, heard, run, template, the_log
from tests.integration.with_carrier.running import dial, prepare

pytestmark = pytest.mark.exhaustive

SECRET = "had a bad day at school"


def guardian_of(doc) -> str:
	return make.recipients(doc.name, "person")[0].person


def with_pin(doc) -> str:
	prepare(doc)
	pin = pins.make_pin("Guardian", guardian_of(doc), "Ana")
	frappe.db.commit()
	return pin


@pytest.mark.story
def test_the_right_pin_opens_the_message_and_is_kept_nowhere(carrier, answering):
	doc, number, _school = family(identity_check="PIN")
	pin = with_pin(doc)
	answering(number, "presses", digits=["1212#", f"{pin}#", "2"])
	dial(carrier)
	log = the_log(doc)
	said = heard(carrier, log.carrier_sid)
	assert "That is not the PIN." in said and said.count(SECRET) == 2
	assert (log.keys_pressed, log.content) == ("[PIN][PIN]2", "Full")
	(recipient,) = make.recipients(doc.name, "status", "keys_pressed")
	assert (recipient.status, recipient.keys_pressed) == ("Reached", "[PIN][PIN]2")
	kept = frappe.db.sql("select password from `__Auth` where doctype = 'Dialer PIN'", pluck=True)
	assert kept and all(one.startswith("$pbkdf2-sha256$") for one in kept)
	for table in ("Dialer PIN", "Dialer Call Log", "Dialer Recipient", "Error Log"):
		assert pin not in json.dumps(frappe.db.sql(f"select * from `tab{table}`"), default=str)


def test_three_wrong_tries_end_with_the_generic_words(carrier, answering):
	doc, number, _school = family(identity_check="PIN", max_attempts=2)
	with_pin(doc)
	answering(number, "presses", digits=["1212#", "3434#", "5656#", "7878#"])
	dial(carrier)
	log = the_log(doc)
	said = heard(carrier, log.carrier_sid)
	assert SECRET not in said and said.rstrip().endswith("Goodbye.")
	(recipient,) = make.recipients(doc.name, "status", "outcome")
	assert (recipient.status, recipient.outcome) == ("Not Reached", "wrong PIN")
	assert log.content == "Generic" and log.keys_pressed == "[PIN]" * 4
	assert not frappe.db.exists("Consent Event", {"phone": number, "kind": "Opt Out"})


def test_the_days_tries_lock_the_pin_for_all_calls(carrier, answering):
	doc, number, _school = family(identity_check="PIN")
	pin = with_pin(doc)
	for _try in range(pins.MOST_WRONG_A_DAY):
		assert pins.check_pin("Guardian", guardian_of(doc), "0000") == "wrong"
	frappe.db.commit()
	answering(number, "presses", digits=[f"{pin}#"])
	dial(carrier)
	log = the_log(doc)
	assert SECRET not in heard(carrier, log.carrier_sid)
	assert make.recipients(doc.name, "outcome")[0].outcome == "PIN locked"
	assert pins.check_pin("Guardian", guardian_of(doc), pin) == "locked"
	frappe.db.set_value("Dialer PIN", {"person": guardian_of(doc)}, "wrong_on", "2020-01-01")
	assert pins.check_pin("Guardian", guardian_of(doc), pin) == "right"


@pytest.mark.parametrize(
	"pin", ["", "123", "123456789", "1111", "1212", "1234", "87654", "7391", "9138", "12a4", "١٢٣٥"]
)
def test_weak_pins_are_refused(pin):
	assert pins.is_weak(pin)
	with pytest.raises(pins.WeakPin):
		pins.choose("Guardian", "nobody", "Nobody", pin, "")


def test_who_has_a_pin_must_know_it_to_change_it(school):
	person = frappe.generate_hash(length=10)
	assert pins.choose("Guardian", person, "Ana", "2580", "") == "no PIN"
	pins.keep_pin("Guardian", person, "Ana", "2580", "office@school.example")
	assert pins.choose("Guardian", person, "Ana", "3691", "1472") == "wrong"
	assert pins.check_pin("Guardian", person, "2580") == "right"
	assert pins.choose("Guardian", person, "Ana", "3691", "2580") == "right"
	assert pins.check_pin("Guardian", person, "3691") == "right"
	frappe.delete_doc("Dialer PIN", pins.row_of("Guardian", person).name)
	assert pins.refusal("Guardian", person) == "no PIN"


def test_anyone_who_has_no_pin_hears_the_generic_words_and_is_shown_to_staff(carrier, answering):
	doc, number, _school = family(identity_check="PIN", max_attempts=3)
	answering(number, "presses", digits=["1", "2"])
	_log, said = run(doc, carrier)
	assert SECRET not in said and "PIN" not in said and "Please call us back." in said
	(recipient,) = make.recipients(doc.name, "status", "outcome", "attempts")
	assert (recipient.status, recipient.outcome, recipient.attempts) == ("Not Reached", "no PIN", 1)


def test_nine_stops_the_calls_while_a_pin_is_asked_for(carrier, answering):
	doc, number, _school = family(identity_check="PIN")
	with_pin(doc)
	answering(number, "presses", digits=["9"])
	dial(carrier)
	assert frappe.db.exists("Consent Event", {"phone": number, "kind": "Opt Out", "source": "Keypad"})


def test_anyone_who_does_not_confirm_is_called_again(carrier, answering):
	doc, number, _school = family(max_attempts=2)
	answering(number, "answers")
	_log, said = run(doc, carrier)
	assert SECRET not in said
	(recipient,) = make.recipients(doc.name, "status", "outcome")
	assert (recipient.status, recipient.outcome) == ("Retry", "not confirmed")


def answers_of(doc) -> list:
	frappe.db.rollback()
	return frappe.get_all(
		"Dialer Answer",
		{"campaign": doc.name},
		["name", "answer", "label", "history", "channel", "noted", "students", "recording"],
		order_by="name",
	)


@pytest.mark.story
def test_the_last_answer_of_a_call_counts(carrier, answering):
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number], template=template(asks=POLL, **VOTE))
	answering(number, "presses", digits=["3", "2"])
	log, said = run(doc, carrier)
	assert "Will you come?" in said and "We have noted your answer" in said
	(answer,) = answers_of(doc)
	assert (answer.answer, answer.label, answer.history) == (2, "Only I", None)
	assert log.keys_pressed == "32"


def test_an_answer_of_a_later_call_leaves_a_trace(school, log):
	first = frappe.get_doc("Dialer Call Log", log)
	kept = frappe._dict(first.as_dict(), students=[])
	for name, answer, label in (
		(log, 1, "Yes"),
		(log, 2, "No"),
		("later", 3, "Perhaps"),
		("later", 1, "Yes"),
	):
		survey_answers.write(frappe._dict(kept, name=name), POLL, answer, label, "")
	(answer,) = frappe.get_all(
		"Dialer Answer", {"recipient": first.recipient}, ["answer", "label", "history"]
	)
	assert (answer.answer, answer.label) == (1, "Yes")
	assert answer.history.count("\n") == 0 and answer.history.endswith(": No")


def test_a_reason_goes_to_the_students_record_once(carrier, answering):
	doc, number, school = family(asks=REASON)
	answering(number, "presses", digits=["1", "2"])
	_log, said = run(doc, carrier)
	assert said.index("press 1") < said.index(SECRET) < said.index("Please tell us the reason.")
	(answer,) = answers_of(doc)
	assert (answer.label, json.loads(answer.students)) == ("An appointment", [school.student(0)])
	for _time in range(2):
		survey_answers.note_on_students()
		frappe.db.commit()
	comments = frappe.get_all(
		"Comment", {"reference_doctype": "Student", "reference_name": school.student(0)}, ["content"]
	)
	assert len(comments) == 1 and "An appointment" in comments[0].content
	assert answers_of(doc)[0].noted == 1


def test_a_spoken_reason_is_recorded_after_a_key_only(carrier, answering, recording_on):
	doc, number, _school = family(asks=REASON)
	answering(number, "presses", digits=["1", "5", "1"])
	_log, said = run(doc, carrier)
	assert "will be recorded" in said and "speak after the tone" in said
	(answer,) = answers_of(doc)
	assert answer.recording.startswith("RE") and answer.answer == 5
	silent, other, _school = family(asks=REASON)
	answering(other, "presses", digits=["1", "5", "0", "4"])
	run(silent, carrier)
	(answer,) = answers_of(silent)
	assert (answer.label, answer.recording) == ("Another reason", "")


@pytest.fixture
def in_call(carrier, hooks):
	"""Return a function that posts to a webhook of a call that asks a poll.

	It can press a key as of a given turn. The function has the attributes `log`, `doc` and `phone`.
	"""
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number], template=template(asks=POLL, **VOTE))
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	rows = claims.claim(doc.name, 1)
	answers = asking.ask(gate.CallContext.of(doc), rows, make.clock.now())
	rows[0].log = frappe.generate_hash(length=16)
	call_logs.write_logs(doc, rows, answers, "+13125550100", make.clock.now())
	frappe.db.commit()

	def post(method: str, turn: int | None = None, **form):
		query = {"log": rows[0].log} | ({} if turn is None else {"turn": turn})
		answer = hooks.post(method, query, {"CallSid": "CA1", "AnsweredBy": "human", **form})
		assert answer.status_code == 200
		return answer.text

	post.log, post.doc, post.phone = rows[0].log, doc, number
	return post


def test_a_call_that_asks_nothing_costs_no_further_statement(in_call):
	"""Check the statements besides the reading of fields: the log, the carrier's report, what was heard."""
	plain = make.template("Event")
	frappe.db.set_value("Dialer Call Log", in_call.log, "template", plain)
	frappe.db.commit()
	seen: list[str] = []

	def ours(work) -> list[str]:
		with statements.collected() as found:
			work()
		seen.extend(found)
		return [
			one.split()[0].lower()
			for one in found
			if "tabDialer Call Log" in one or "tabDialer Recipient" in one
		]

	for _time in range(2):
		answered = ours(lambda: live_call.answer(in_call.log, "CA1", "human"))
		pressed = ours(lambda: live_call.key(in_call.log, "CA1", "2"))
		frappe.db.rollback()
	assert (answered, pressed) == (["select", "update"], ["select", "update"])
	assert not any("tabDialer PIN" in one or "tabDialer Answer" in one for one in seen)


def test_pressed_keys_are_in_nothing_that_is_logged():
	digits = Digits("258013")
	frappe.local.form_dict = frappe._dict({"Digits": "258013", "CallSid": "CA1"})
	frappe.local.request = Request(EnvironBuilder(method="POST", data={"Digits": "258013"}).get_environ())
	try:
		with pytest.raises(frappe.PermissionError):
			signed(lambda: None)()
		assert "Digits" not in frappe.local.form_dict
		assert "258013" not in f"{digits!r} {[digits]}"
	finally:
		del frappe.local.request
		frappe.local.form_dict = frappe._dict()


@pytest.mark.story
def test_doubled_and_late_keys_change_nothing(in_call):
	assert "turn=0" in in_call("voice")
	assert "turn=1" in in_call("keypress", 0, Digits="1")
	assert "turn=2" in in_call("keypress", 1, Digits="3")
	for turn, digit in ((0, "1"), (1, "3"), (0, "2"), (1, "1")):
		assert "turn=2" in in_call("keypress", turn, Digits=digit)
	(answer,) = answers_of(in_call.doc)
	assert answer.label == "No"
	assert frappe.db.get_value("Dialer Call Log", in_call.log, ["keys_pressed", "dialogue"]) == (
		"13",
		"answered:2:0",
	)


def test_nine_stops_the_calls_however_late_it_comes(in_call):
	in_call("voice")
	in_call("keypress", 0, Digits="1")
	assert "no more automated calls" in in_call("keypress", 0, Digits="9")
	frappe.db.rollback()
	assert frappe.db.exists("Consent Event", {"phone": in_call.phone, "kind": "Opt Out"})


def test_a_text_answers_a_poll_and_stop_is_never_swallowed(carrier, hooks, answering):
	number = make.phone()
	make.consent(number)
	answering(number, "answers")
	doc = make.campaign([number], channel="Text", template=template(asks=POLL, **VOTE))
	prepare(doc)
	dial(carrier)
	body = next(entry for entry in carrier.log("message") if entry["to"] == number)["params"]["Body"]
	assert "Will you come?\nReply 1 for Yes, both of us\nReply 2 for Only I\nReply 3 for No" in body

	def say(body: str) -> str:
		sid = f"SM{frappe.generate_hash(length=12)}"
		for _copy in range(2):
			form = {"MessageSid": sid, "From": number, "To": "+13125550100", "Body": body}
			answer = hooks.post("inbound_text", {}, form)
		return answer.text

	say("2")
	assert answers_of(doc)[0].label == "Only I"
	say(" no. ")
	(answer,) = answers_of(doc)
	assert (answer.label, answer.channel) == ("No", "Text")
	for nonsense in ("4", "0", "22", "maybe", "1 2"):
		say(nonsense)
	assert answers_of(doc)[0].label == "No"
	say("STOP")
	assert frappe.db.exists("Consent Event", {"phone": number, "kind": "Opt Out"})
	say("1")
	assert answers_of(doc)[0].label == "No"


def test_the_text_of_an_educational_message_has_a_link_of_the_persons_own(carrier, answering):
	doc, number, _school = family(channel="Text")
	answering(number, "answers")
	prepare(doc)
	dial(carrier)
	body = next(entry for entry in carrier.log("message") if entry["to"] == number)["params"]["Body"]
	assert "/dialer-preferences?t=" in body and SECRET not in body
	assert frappe.db.count("Dialer Preference Link", {"phone": number}) == 1
