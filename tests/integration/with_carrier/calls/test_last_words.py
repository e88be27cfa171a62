"""Keys and words just before the hang-up.

The final state is the same, in whatever order and however often the reports arrive.
"""

import itertools
import secrets

import frappe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from school_dialer import gate
from school_dialer.calls import live_call, phone_recording, recording_retention
from school_dialer.campaigns import actions
from school_dialer.campaigns.parties import asking
from school_dialer.campaigns.planning import planner
from school_dialer.carriers.base import ConnectionFailed
from school_dialer.carriers.twilio import TwilioCarrier
from school_dialer.gate import planned
from school_dialer.messages.sound import recordings
from school_dialer.messages.spoken.question import POLL, REASON
from school_dialer.outbound.attempts import call_logs, claims, status_updates
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.keypad import VOTE, family, template

pytestmark = pytest.mark.exhaustive

SID = "CA" + "7" * 32
LENGTH = 40
"""Duration in seconds, long enough to have heard everything."""


def take() -> str:
	return "RE" + secrets.token_hex(16)


class Call:
	"""A call log that is being placed, and the carrier's reports about it, in process."""

	def __init__(self, doc):
		frappe.db.commit()
		actions.start(doc.name)
		frappe.db.commit()
		planner.run(doc.name)
		self.place(doc)

	def place(self, doc) -> None:
		"""Place the call that is due."""
		rows = claims.claim(doc.name, 1)
		answers = asking.ask(gate.CallContext.of(doc), rows, make.clock.now())
		rows[0].log = frappe.generate_hash(length=16)
		call_logs.write_logs(doc, rows, answers, "+13125550100", make.clock.now())
		frappe.db.commit()
		self.log, self.recipient, self.phone = rows[0].log, rows[0].name, rows[0].phone

	def voice(self):
		live_call.answer(self.log, SID, "human")

	def status(self, status: str = "completed", duration: int | None = LENGTH):
		status_updates.apply(
			self.log, status_updates.StatusUpdate(status, sid=SID, answered_by="human", duration=duration)
		)

	def key(self, digits: str, turn: int | None = None, **more) -> str:
		return live_call.key(self.log, SID, digits, turn, **more)

	def state(self) -> dict:
		recipient = frappe.db.get_value("Dialer Recipient", self.recipient, ["status", "outcome", "attempts"])
		log = frappe.db.get_value(
			"Dialer Call Log", self.log, ["status", "result", "acknowledged", "keys_pressed", "discarded"]
		)
		answers = frappe.get_all(
			"Dialer Answer",
			{"recipient": self.recipient},
			["answer", "recording", "discarded"],
			order_by="name",
		)
		stops = frappe.db.count("Consent Event", {"phone": self.phone, "kind": "Opt Out"})
		return {"recipient": recipient, "log": log, "answers": answers, "stops": stops}


@pytest.fixture
def call(school):
	"""Return `call(kind)`, which makes a call of the kind "poll", "acknowledge" or "reason"."""

	def of(kind: str) -> Call:
		if kind == "reason":
			doc, _number, _school = family(asks=REASON, max_attempts=2)
			return Call(doc)
		number = make.phone()
		make.consent(number)
		asked = {"template": template(asks=POLL, **VOTE)} if kind == "poll" else {"acknowledge": 1}
		return Call(make.campaign([number], max_attempts=2, **asked))

	return of


KEYS = {"poll": ("2", (2, "")), "acknowledge": ("1", None), "stop": ("9", None)}


@pytest.mark.parametrize("length", [LENGTH, 4])
@pytest.mark.parametrize("kind", list(KEYS))
def test_a_key_counts_in_any_order_and_however_often(call, kind, length):
	"""Check all orders after the first fetch of the message, since no key can be pressed before it."""
	digits, answer = KEYS[kind]
	found = []
	events = ("key", "ringing", "completed", "voice")
	for order in itertools.permutations(events):
		one = call("acknowledge" if kind == "acknowledge" else "poll")
		one.voice()
		for event in (*order, *order):
			{
				"key": lambda one=one: one.key(digits, 0, hung_up=True),
				"ringing": lambda one=one: one.status("ringing"),
				"completed": lambda one=one: one.status(duration=length),
				"voice": one.voice,
			}[event]()
		state = one.state()
		assert [(row.answer, row.recording) for row in state.pop("answers")] == ([answer] if answer else [])
		found.append(state)
		frappe.db.commit()
	assert all(state == found[0] for state in found), found
	assert found[0]["stops"] == (kind == "stop")
	assert found[0]["log"][1] == "reached" and found[0]["recipient"] == ("Reached", "human", 1)


def test_a_key_shows_a_fetch_of_which_nothing_was_recorded(call):
	"""Check any order at all, including the fetch of the message."""
	for order in itertools.permutations(("voice", "key", "completed")):
		one = call("poll")
		for event in order:
			{"voice": one.voice, "key": lambda one=one: one.key("2"), "completed": one.status}[event]()
		state = one.state()
		assert (state["recipient"][0], state["log"][1]) == ("Reached", "reached"), order
		assert [row.answer for row in state["answers"]] == [2], order
		frappe.db.commit()


def asked_to_speak(call) -> Call:
	"""Return a call whose listener is about to record the reason for an absence.

	They confirmed who they are, chose to say the reason themselves, and agreed to be recorded.
	"""
	one = call("reason")
	one.voice()
	for turn, digits in enumerate(("1", "5", "1")):
		said = one.key(digits, turn)
	assert "<Record" in said
	return one


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
	events=st.permutations(["take", "take", "copy", "completed", "completed", "voice"]), hung_up=st.booleans()
)
def test_a_spoken_answer_counts_in_any_order_and_however_often(call, recording_on, events, hung_up):
	one, sid, second = asked_to_speak(call), take(), take()
	for event in events:
		{
			"take": lambda: one.key("", 3, recording=sid, hung_up=hung_up),
			"copy": lambda: one.key("", 3, recording=second, hung_up=hung_up, silent=True),
			"completed": one.status,
			"voice": one.voice,
		}[event]()
	state = one.state()
	kept = {row.recording for row in state["answers"]}
	# A silent take that arrives first ends the recording, unless the listener is gone.
	if (
		events.index("take") < events.index("copy")
		or hung_up
		or "completed" in events[: events.index("copy")]
	):
		assert kept == {sid} and [row.answer for row in state["answers"]] == [5]
		assert state["log"][4] == second
	assert {*(state["log"][4] or "").split(), *kept} == {sid, second}
	assert state["recipient"][0] == "Reached"
	frappe.db.commit()


@pytest.mark.parametrize("late", [False, True])
def test_a_silent_take_is_no_answer_and_is_deleted(call, recording_on, carrier, monkeypatch, late):
	one, sid = asked_to_speak(call), take()
	if late:
		one.status()
	one.key("", 3, recording=sid, silent=True, hung_up=late)
	frappe.db.commit()
	assert one.state()["answers"] == [] and one.state()["log"][4] == sid
	deleted = []
	monkeypatch.setattr(TwilioCarrier, "delete_recording", lambda self, sid: deleted.append(sid))
	recording_retention.delete_due()
	assert sid in deleted and one.state()["log"][4] is None


def test_a_take_that_cannot_be_deleted_now_stays_to_be_deleted(call, recording_on, carrier, monkeypatch):
	one, sid = asked_to_speak(call), take()
	one.key("", 3, recording=sid, silent=True)
	frappe.db.commit()

	def fails(self, sid):
		raise ConnectionFailed("The carrier cannot be reached.")

	monkeypatch.setattr(TwilioCarrier, "delete_recording", fails)
	recording_retention.delete_due()
	assert one.state()["log"][4] == sid


def test_a_late_key_opens_nothing_and_tries_no_pin(call):
	one = call("reason")
	one.voice()
	one.status(duration=30)
	said = one.key("1", 0)
	assert "Say" not in said and "Hangup" in said
	assert frappe.db.get_value("Dialer Call Log", one.log, ["content", "result"]) == (
		"Generic",
		"not confirmed",
	)


def test_anyone_who_was_to_be_called_again_is_not_after_a_late_answer(call):
	one = call("acknowledge")
	one.voice()
	one.status()
	assert one.state()["recipient"][:2] == ("Retry", "not acknowledged")
	one.key("1", 0)
	assert one.state()["recipient"][:2] == ("Reached", "human")
	frappe.db.commit()


def test_a_late_answer_does_not_take_back_the_next_call(call):
	one = call("acknowledge")
	one.voice()
	one.status()
	frappe.db.set_value(
		"Dialer Recipient", one.recipient, {"status": "Dialing", "last_call_log": "the next one"}
	)
	one.key("1", 0)
	assert one.state()["recipient"][0] == "Dialing"
	assert one.state()["log"][2] == 1
	frappe.db.rollback()


@pytest.fixture
def moved(school):
	"""Return a campaign and a call without the key it asked for, after which the home is to be called."""
	doc = SchoolClass([{"Ana": [make.phone(), make.phone()]}]).campaign(acknowledge=1, max_attempts=3)
	one = Call(doc)
	one.voice()
	one.status()
	row = recipient_of(one)
	assert row.status == "Retry" and row.phone != one.phone
	yield doc, one
	frappe.db.commit()


def recipient_of(one: Call):
	"""Return the recipient, whose seal has to be valid."""
	fields = [*planned.FIELDS, "seal", "status", "outcome"]
	row = frappe.db.get_value("Dialer Recipient", one.recipient, fields, as_dict=True)
	assert planned.divided([row])[0] == [row]
	return row


def test_a_late_answer_at_the_number_before_leaves_the_seal_valid(moved):
	_doc, one = moved
	one.key("1", 0)
	assert (recipient_of(one).status, recipient_of(one).phone) == ("Reached", one.phone)


@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize(
	("status", "code", "result"),
	[("no-answer", None, "no answer"), ("failed", "30007", "failed"), ("canceled", None, "withdrawn")],
)
def test_who_answered_late_is_reached_though_the_next_call_is_not_answered(moved, over, status, code, result):
	"""Check an answer while the next call rings, and one after its end, however that one ends."""
	doc, one = moved
	first = (one.log, one.phone)
	one.place(doc)
	second = one.log
	one.log = first[0]
	if not over:
		one.key("1", 0)
		assert recipient_of(one).status == "Dialing"
	news = status_updates.StatusUpdate(status, sid="CA" + "8" * 32, error_code=code)
	status_updates.apply(second, news)
	if over:
		assert recipient_of(one).status == ("Retry" if status == "no-answer" else "Pending")
		one.key("1", 0)
	assert recipient_of(one).status == "Reached"
	assert frappe.db.get_value("Dialer Call Log", second, "result") == result


# Tests through the signed webhooks.


@pytest.mark.parametrize("digits", ["hangup", "HANGUP", "9hangup", "abc", "٩", "9" * 21, "9;8"])
def test_what_is_no_key_stops_nothing(hooks, log, digits):
	hooks.post("voice", {"log": log}, {"CallSid": SID, "AnsweredBy": "human"})
	form = {"CallSid": SID, "Digits": digits, "CallStatus": "completed"}
	for method in ("keypress", "record"):
		assert hooks.post(method, {"log": log}, form).status_code == 200
	frappe.db.rollback()
	assert not frappe.db.get_value("Dialer Call Log", log, "keys_pressed")
	phone = frappe.db.get_value("Dialer Call Log", log, "phone")
	assert not frappe.db.exists("Consent Event", {"phone": phone, "kind": "Opt Out"})


@pytest.mark.parametrize("method", ["keypress", "record"])
def test_nine_counts_after_the_final_status(hooks, log, method):
	hooks.post("voice", {"log": log}, {"CallSid": SID, "AnsweredBy": "human"})
	hooks.post("status", {"log": log}, {"CallSid": SID, "CallStatus": "completed", "CallDuration": "4"})
	for _copy in range(2):
		form = {"CallSid": SID, "Digits": "9", "CallStatus": "completed"}
		assert hooks.post(method, {"log": log}, form).status_code == 200
	frappe.db.rollback()
	phone = frappe.db.get_value("Dialer Call Log", log, "phone")
	assert frappe.db.count("Consent Event", {"phone": phone, "kind": "Opt Out"}) == 1


@pytest.mark.parametrize(
	("length", "silent"),
	[
		("0", True),
		("0.4", True),
		("1", False),
		("7", False),
		("", False),
		("-1", False),
		("x", False),
		(None, False),
	],
)
def test_the_length_of_a_take(hooks, log, session, length, silent):
	sid = take()
	form = {"CallSid": SID, "RecordingSid": sid} | ({} if length is None else {"RecordingDuration": length})
	hooks.post("record_take", {"log": log}, form)
	frappe.db.rollback()
	assert (frappe.db.get_value("Dialer Call Log", log, "discarded") == sid) is silent
	assert (sid in (frappe.db.get_value(recordings.DOCTYPE, session, "takes") or "")) is not silent


def test_a_take_of_staff_is_deleted_whenever_it_comes(hooks, log, session):
	hooks.post("status", {"log": log}, {"CallSid": SID, "CallStatus": "completed"})
	phone_recording.settle_abandoned()
	frappe.db.commit()
	sid = take()
	form = {"CallSid": SID, "RecordingSid": sid, "Digits": "hangup", "CallStatus": "completed"}
	for _copy in range(2):
		assert "<Play" not in hooks.post("record_take", {"log": log}, form | {"RecordingDuration": "5"}).text
	frappe.db.rollback()
	doc = frappe.get_doc(recordings.DOCTYPE, session)
	assert (doc.status, phone_recording.takes_of(doc)) == ("Not Kept", [sid])


def test_a_late_copy_is_not_what_is_kept(hooks, log, session):
	first, late = take(), take()
	form = {"CallSid": SID, "RecordingDuration": "5"}
	hooks.post("record_take", {"log": log}, form | {"RecordingSid": first})
	hooks.post("status", {"log": log}, {"CallSid": SID, "CallStatus": "completed"})
	kept = hooks.post("record", {"log": log}, {"CallSid": SID, "Digits": "1", "CallStatus": "completed"})
	assert kept.status_code == 200
	hooks.post("record_take", {"log": log}, form | {"RecordingSid": late, "Digits": "hangup"})
	frappe.db.rollback()
	doc = frappe.get_doc(recordings.DOCTYPE, session)
	assert phone_recording.takes_of(doc)[-1] == first and late in doc.takes
	assert doc.status != "Calling"


def test_a_message_that_was_opened_too_late_was_not_heard(call):
	one = call("reason")
	one.voice()
	assert "Say" in one.key("1", 0)
	live_call.answered_too_late(one.log)
	one.status(duration=120)
	assert one.state()["recipient"][:2] == ("Retry", "hung up early")
	frappe.db.commit()


def test_an_answer_that_we_confirm_too_late_counts(call):
	one = call("poll")
	one.voice()
	one.key("2", 0)
	live_call.answered_too_late(one.log)
	one.status()
	assert one.state()["recipient"][0] == "Reached"
	frappe.db.commit()
