"""The keypad dialogue against every listener.

Nothing is disclosed too early, there is always a way out, and every call ends.
"""

from dataclasses import dataclass, field
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.messages.model import Outgoing, School, Template, Words
from school_dialer.messages.spoken import ivr_state, question, voice
from school_dialer.messages.spoken.ivr_state import LOCKED, RIGHT, WRONG, Script, State
from school_dialer.messages.spoken.speaker import sentences
from tests.unit.messages.sample import FIELDS

URL = "https://school.example/keypress?log=a"
SECRET = "missed school"
WORDS = {
	"voice": "{{ absent_names }} missed school.",
	"question": "Did Ana come home?",
	"answers": ("Yes", "No", "Later"),
}
THE_PIN = "4711"
BY_NAME = {one.name: one for one in FIELDS}
EXAMPLES = {one.name: one.example for one in FIELDS}
SCHOOL = School("Riverside School", "Riverside School", "+18005550142", "en")

TIMEOUT, HANG_UP, AGAIN = "timeout", "hang up", "carrier repeats"
KEYS = st.text("0123456789*#", min_size=1, max_size=1)
LISTENER = st.lists(
	st.one_of(
		KEYS,
		st.sampled_from(["1", "1", "2", "5", "0", THE_PIN, "1234", "99", "9999", "", "12345678"]),
		st.text("0123456789*#x", max_size=10),
		st.sampled_from([TIMEOUT, HANG_UP, AGAIN]),
	),
	max_size=40,
)
CALLS = st.builds(
	lambda asks, purpose, **more: Outgoing(
		SCHOOL,
		Template("Test", purpose, (Words("en", **WORDS),), asks=asks),
		EXAMPLES,
		BY_NAME,
		"Maria Lopez",
		"en",
		**more,
	),
	asks=st.sampled_from(["", *question.KINDS]),
	purpose=st.sampled_from(["Attendance", "Event"]),
	acknowledge=st.booleans(),
	pin=st.booleans(),
	record_reason=st.booleans(),
)


@dataclass
class Call:
	"""One call as the carrier and the site conduct it; keys are pressed where the last document listens."""

	outgoing: Outgoing
	withheld: str = ""
	state: State = field(default_factory=State)
	documents: list[str] = field(default_factory=list)
	actions: list[str] = field(default_factory=list)
	pin_tries: int = 0
	open: bool = True

	def answer(self, answered_by: str = "human") -> None:
		script = voice.script_of(self.outgoing)
		gated = voice.gated(self.outgoing)
		self.state = ivr_state.begin_call(self.state, script, gated=gated, withheld=self.withheld)
		self.hear(voice.opening_twiml(self.outgoing, self.state.stage, URL))

	def hear(self, spoken: voice.Spoken) -> None:
		self.documents.append(spoken.twiml)
		told = self.state.stage not in (*ivr_state.UNCONFIRMED, *ivr_state.WITHHELD)
		assert told or (SECRET not in spoken.twiml and spoken.content == voice.GENERIC)
		root = ElementTree.fromstring(spoken.twiml)
		assert root[-1].tag == "Hangup" or root[-1].tag == "Record"
		listens = root.find("Gather") is not None or root.find("Record") is not None
		assert listens or ivr_state.OVER == self.state.stage
		self.open = listens

	def press(self, digits: str) -> None:
		script = voice.script_of(self.outgoing)
		if self.state.stage == ivr_state.RECORD and digits[:1] not in ivr_state.STOP_SCOPES:
			move = ivr_state.recorded(self.state, script)
		else:
			move = ivr_state.hear_keys(self.state, digits, script, self.check)
		assert move.state.turn == self.state.turn + 1
		self.state = move.state
		self.actions.append(move.action)
		self.hear(voice.reply_twiml(self.outgoing, move, URL))

	def check(self, digits: str) -> str:
		self.pin_tries += 1
		assert len(digits) in ivr_state.PIN_DIGITS
		return RIGHT if digits == THE_PIN else WRONG


@given(CALLS, LISTENER, st.sampled_from(["human", "unknown"]), st.sampled_from(["", *ivr_state.WITHHELD]))
def test_any_listener(outgoing, presses, answered_by, withheld):
	call = Call(outgoing, withheld)
	call.answer(answered_by)
	for pressed in presses:
		if not call.open or pressed in (HANG_UP, TIMEOUT):
			break
		if pressed == AGAIN:
			call.answer(answered_by)
			continue
		before = call.state
		call.press(pressed)
		opted_out = pressed[:1] in ivr_state.STOP_SCOPES and not ivr_state.may_be_pin(before, pressed)
		assert (call.actions[-1] == ivr_state.OPT_OUT) == opted_out
		assert not (opted_out and call.open)
	said = "\n".join(call.documents)
	if SECRET in said and voice.gated(outgoing):
		assert ivr_state.CONFIRMED in call.actions
		assert not (outgoing.pin and withheld)
	assert call.pin_tries <= ivr_state.PIN_TRIES
	assert len(call.actions) <= ivr_state.MOST_TURNS


@given(CALLS, st.sampled_from("789"), st.integers(1, 3))
def test_the_opt_out_keys_work_in_every_stage_and_repeated(outgoing, key, times):
	for stage in ivr_state.STAGES:
		move = ivr_state.hear_keys(State(stage, ivr_state.MOST_TURNS), key * times, voice.script_of(outgoing))
		assert (move.action, move.scope) == (ivr_state.OPT_OUT, ivr_state.STOP_SCOPES[key])
	assert ivr_state.hear_keys(State(ivr_state.PIN), key * 4, Script(pin=True)).action == ivr_state.OPT_OUT


@given(st.builds(State, st.sampled_from(["", *ivr_state.STAGES]), st.integers(0, 99), st.integers(0, 9)))
def test_a_state_survives_its_text(state):
	assert State.of(state.text) == state
	assert State.of(None) == State()


def made(asks="", purpose="Event", language="en", **more) -> Outgoing:
	words = Words("en", **WORDS if purpose == "Attendance" else {**WORDS, "voice": "Come on Thursday."})
	return Outgoing(
		SCHOOL,
		Template("Test", purpose, (words,), asks=asks),
		EXAMPLES,
		BY_NAME,
		"Maria Lopez",
		language,
		**more,
	)


def begun(outgoing: Outgoing, **more) -> Call:
	call = Call(outgoing, **more)
	call.answer()
	return call


def test_the_right_pin_opens_the_message():
	call = begun(made(purpose="Attendance", pin=True))
	assert "enter your PIN" in call.documents[0] and 'numDigits="9"' in call.documents[0]
	call.press(THE_PIN)
	assert sentences(call.documents[-1])[0] == "Ana missed school."


def test_three_wrong_pins_get_the_generic_words():
	call = begun(made(purpose="Attendance", pin=True))
	for _ in range(3):
		assert call.state.stage == ivr_state.PIN
		call.press("1212")
	assert (call.state.stage, call.actions) == (
		ivr_state.WRONG_PIN,
		[ivr_state.NOT_THE_PIN, ivr_state.NOT_THE_PIN, ivr_state.WITHHOLD],
	)
	call.press(THE_PIN)
	assert SECRET not in call.documents[-1] and "call us back" in call.documents[-1]
	call.answer()
	assert call.state.stage == ivr_state.WRONG_PIN


def test_a_locked_pin_is_not_tried_again():
	outgoing = made(purpose="Attendance", pin=True)
	state = ivr_state.begin_call(State(), voice.script_of(outgoing), gated=True)
	move = ivr_state.hear_keys(state, "1212", voice.script_of(outgoing), lambda _digits: LOCKED)
	assert (move.state.stage, move.action) == (ivr_state.PIN_LOCKED, ivr_state.WITHHOLD)


@pytest.mark.parametrize("withheld", ivr_state.WITHHELD)
def test_whose_pin_cannot_be_asked_hears_the_generic_words(withheld):
	call = begun(made(purpose="Attendance", pin=True), withheld=withheld)
	assert call.state.stage == withheld
	assert "PIN" not in call.documents[0] and "Please call us back." in call.documents[0]


def test_a_poll_is_answered_and_changed():
	call = begun(made(question.POLL))
	assert sentences(call.documents[0])[3:10] == [
		"Did Ana come home?",
		"Yes",
		"Press 1.",
		"No",
		"Press 2.",
		"Later",
		"Press 3.",
	]
	for key in "13":
		call.press(key)
	assert call.actions == [ivr_state.ANSWER] * 2
	assert sentences(call.documents[-1])[:2] == ["Thank you. We have noted your answer:", "Later"]
	call.press("4")
	assert call.actions[-1] == ivr_state.UNKNOWN and "Did Ana come home?" in call.documents[-1]
	call.press("0")
	assert (call.actions[-1], call.state.stage) == (ivr_state.REPEATED, ivr_state.MESSAGE)


def test_while_a_question_is_open_two_is_an_answer_and_zero_repeats():
	said = " ".join(sentences(begun(made(question.POLL, acknowledge=True)).documents[0]))
	assert (
		"press 0" in said and "To hear this again, press 2" not in said and "Please press 1 now" not in said
	)


def test_a_reason_is_asked_for_after_the_confirmation_only():
	call = begun(made(question.REASON, purpose="Attendance", language="es"))
	assert "motivo" not in call.documents[0]
	call.press("1")
	assert "Enfermedad" in call.documents[-1] and "Oprima 5" not in call.documents[-1]
	assert SECRET in call.documents[-1]


def test_nothing_is_recorded_before_it_was_told_and_agreed_to():
	call = begun(made(question.REASON, purpose="Attendance", record_reason=True))
	call.press("1")
	call.press("5")
	assert call.actions[-1] == ivr_state.INFORM_OF_RECORDING and "will be recorded" in call.documents[-1]
	assert "<Record" not in "".join(call.documents)
	call.press("0")
	assert call.state.stage == ivr_state.MESSAGE
	for key in "51":
		call.press(key)
	assert "<Record" in call.documents[-1] and call.actions[-1] == ivr_state.LISTEN
	call.press("#")
	assert (call.actions[-1], call.state.stage) == (ivr_state.ANSWER, ivr_state.ANSWERED)


def test_five_is_no_key_when_nothing_may_be_recorded():
	call = begun(made(question.REASON, purpose="Attendance"))
	for key in "15":
		call.press(key)
	assert call.actions[-1] == ivr_state.UNKNOWN


@pytest.mark.parametrize(
	("script", "key", "answers"),
	[
		(Script(), "2", False),
		(Script(), "1", False),
		(Script(), "4", False),
		(Script(), "#", False),
		(Script(choices=2), "0", False),
		(Script(choices=2), "5", False),
		(Script(office=True), "6", True),
		(Script(), "9", True),
		(Script(), "8", True),
		(Script(acknowledge=True), "1", True),
		(Script(choices=2), "2", True),
		(Script(choices=3, office=True, connects=3), "3", True),
		(Script(choices=5, recorded=5), "5", True),
	],
)
def test_only_a_key_that_the_message_names_answers_it(script, key, answers):
	move = ivr_state.hear_keys(State(ivr_state.MESSAGE), key, script)
	assert ivr_state.answers_words(move) is answers


def test_the_key_that_opens_the_message_answers_nothing():
	for key in ("1", "6"):
		move = ivr_state.hear_keys(State(ivr_state.CONFIRM), key, Script(office=True))
		assert not ivr_state.answers_words(move)
