"""The keypad dialog of one call, as a state machine. Pure Python: no words here, and no telephony.

A call begins in `CONFIRM` or `PIN` if the listener must be identified first, otherwise in `MESSAGE`. The body
is spoken only on entering `MESSAGE`, and only the right key leads there from `CONFIRM` and `PIN` (34 CFR
99.31(c)). The keys that stop the calls work in every stage. After `MOST_TURNS` keys the call says goodbye.

The state is kept in the call log between two of the carrier's requests. It counts turns, so a request that
the carrier repeats, or that arrives after a later one, can be distinguished from a new key.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace


class Digits(str):
	"""Pressed keys, which may be a PIN. A traceback that shows its variables does not show these."""

	def __repr__(self) -> str:
		return "Digits(…)"


CONFIRM, PIN, MESSAGE, ANSWERED = "confirm", "pin", "message", "answered"
AGREE, RECORD, OVER = "agree", "record", "over"
NO_PIN, PIN_LOCKED, WRONG_PIN = "no PIN", "PIN locked", "wrong PIN"
WITHHELD = (NO_PIN, PIN_LOCKED, WRONG_PIN)
"""Stages with the generic words only. The opt-out keys still work."""
UNCONFIRMED = (CONFIRM, PIN)
STAGES = (CONFIRM, PIN, MESSAGE, ANSWERED, AGREE, RECORD, OVER, *WITHHELD)

YES_KEY, REPEAT_KEY, STOP_KEY = "1", "2", "9"
BACK_KEY = "0"
"""Repeats the message while a question is open, since its answers use the keys 1 to 5."""
OFFICE_KEY = "6"
"""Connects to the school's office, in every stage, if the school offers it."""
STOP_SCOPES = {STOP_KEY: "all non-emergency", "7": "this purpose", "8": "everything"}
"""Each of these keys ends the call. The first one is announced at once, the others after the message."""
SCHOOL_KEY = "*"
"""Stops the one school of a district that calls, where the script offers it: all digits have a meaning."""
ALL_STOP_SCOPES = {**STOP_SCOPES, SCHOOL_KEY: "this school"}

OPT_OUT, CONFIRMED, REPEATED, UNKNOWN = "opt out", "confirmed", "repeated", "unknown"
ACKNOWLEDGED, ANSWER, NOT_THE_PIN, WITHHOLD = "acknowledged", "answer", "not the PIN", "withhold"
INFORM_OF_RECORDING, LISTEN, GOODBYE = "tell of recording", "listen", "goodbye"
CONNECT = "connect"
ANSWERING = frozenset({OPT_OUT, ACKNOWLEDGED, ANSWER, INFORM_OF_RECORDING, LISTEN, CONNECT})
"""Actions of keys that answer the message. Any other key, such as one pressed by mistake, answers nothing."""

PIN_DIGITS = range(4, 9)
"""Allowed lengths of a PIN."""
PIN_TRIES = 3
MOST_TURNS = 20

RIGHT, WRONG, LOCKED = "right", "wrong", "locked"


@dataclass(frozen=True, slots=True)
class Script:
	"""What this call asks of its listener.

	``choices``: the number of answers its question has, 0 without a question. ``recorded``: the key whose
	answer is spoken, 0 if there is none. ``office``: whether the office's key works. ``connects``: the answer
	that also connects to the office, 0 if none does. ``school``: whether one school can be stopped by key.
	"""

	pin: bool = False
	acknowledge: bool = False
	choices: int = 0
	recorded: int = 0
	office: bool = False
	connects: int = 0
	school: bool = False


@dataclass(frozen=True, slots=True)
class State:
	stage: str = ""
	turn: int = 0
	wrong: int = 0

	@property
	def text(self) -> str:
		return f"{self.stage}:{self.turn}:{self.wrong}"

	@classmethod
	def of(cls, text: str | None) -> "State":
		"""Parse `text`. An empty value is the state before the call was answered."""
		stage, turn, wrong = (text or "::").split(":")
		return cls(stage, int(turn or 0), int(wrong or 0))

	@property
	def withheld(self) -> bool:
		return self.stage in WITHHELD


@dataclass(frozen=True, slots=True)
class Move:
	"""What a key leads to.

	``scope`` is the scope of an opt-out, ``answer`` the number of the chosen answer.
	"""

	state: State
	action: str
	scope: str = ""
	answer: int = 0


def begin_call(state: State, script: Script, *, gated: bool, withheld: str = "") -> State:
	"""Return the state a call starts in, or restarts in when the carrier requests its words again.

	``gated``: the body is an educational record. ``withheld``: one of `WITHHELD`, for a listener who cannot
	be asked for a PIN.
	"""
	if state.stage == OVER:
		return state
	if not gated:
		return replace(state, stage=MESSAGE)
	if not script.pin:
		return replace(state, stage=CONFIRM)
	return replace(state, stage=withheld or (WRONG_PIN if state.wrong >= PIN_TRIES else PIN))


def hear_keys(
	state: State, digits: str, script: Script, check_pin: Callable[[str], str] | None = None
) -> Move:
	"""Return the move these digits make.

	``check_pin`` is called only with what may be a PIN; it returns RIGHT, WRONG or LOCKED.
	"""
	key = digits[:1]
	following = replace(state, turn=state.turn + 1)
	if stops(state, digits, script):
		return Move(replace(following, stage=OVER), OPT_OUT, scope=ALL_STOP_SCOPES[key])
	if state.stage == OVER or following.turn >= MOST_TURNS:
		return Move(replace(following, stage=OVER), GOODBYE)
	if asks_for_office(state, digits, script):
		return Move(following, CONNECT)
	if state.stage == PIN:
		return _pin(following, digits, check_pin)
	if state.stage == CONFIRM:
		return _confirm(following, key)
	if state.stage in (AGREE, RECORD):
		return _recording(following, key)
	if state.stage in (MESSAGE, ANSWERED):
		return _answer(following, key, script) if script.choices else _message(following, key, script)
	return Move(following, UNKNOWN)


def recorded(state: State, script: Script) -> Move:
	"""Return the move for a spoken answer that has come in."""
	return Move(State(ANSWERED, state.turn + 1, state.wrong), ANSWER, answer=script.recorded)


def stops(state: State, digits: str, script: Script) -> bool:
	"""Return whether these keys stop the calls, whatever they were meant to answer.

	The school's key does so only alone: before other keys it is a slip.
	"""
	if digits[:1] == SCHOOL_KEY:
		return script.school and set(digits) == {SCHOOL_KEY}
	return digits[:1] in STOP_SCOPES and not may_be_pin(state, digits)


def asks_for_office(state: State, digits: str, script: Script) -> bool:
	"""Return whether these keys ask for the office.

	Where a PIN may be entered, only that key alone does: several may be part of a PIN. The stage stays what
	it was, since the office does not open the message.
	"""
	if not script.office or state.stage == OVER:
		return False
	several = state.stage in (PIN, *WITHHELD)
	return set(digits) == {OFFICE_KEY} if several else digits[:1] == OFFICE_KEY


def counts_afterwards(state: State, digits: str, script: Script) -> bool:
	"""Return whether keys that arrive after the listener has hung up still count.

	An opt-out counts in every stage, an answer or an acknowledgment after the message. Such keys open
	nothing, and no PIN is tried, since no one would hear what it opens.
	"""
	return stops(state, digits, script) or (bool(digits) and state.stage in (MESSAGE, ANSWERED))


def answers_words(move: Move) -> bool:
	"""Return whether this move's keys answer the message or opt out, so that its words need no more time."""
	return move.action in ANSWERING and move.state.stage not in (*UNCONFIRMED, *WITHHELD)


def is_private(state: State, digits: str, script: Script) -> bool:
	"""Return whether these keys may be all or part of a PIN, and must not be stored."""
	open_keys = stops(state, digits, script) or asks_for_office(state, digits, script)
	return script.pin and state.stage in (PIN, *WITHHELD) and not open_keys


def may_be_pin(state: State, digits: str) -> bool:
	"""Return whether these keys may be a PIN.

	One opt-out key, or the same one several times, is never a PIN: no PIN is that short or uniform. A PIN
	that arrives when it is no longer requested does not stop anything either.
	"""
	return (
		state.stage in (PIN, *WITHHELD)
		and digits.isascii()
		and digits.isdecimal()
		and len(digits) in PIN_DIGITS
		and len(set(digits)) > 1
	)


def _pin(state: State, digits: str, check_pin: Callable[[str], str]) -> Move:
	if not may_be_pin(state, digits):
		return Move(state, UNKNOWN)
	verdict = check_pin(digits)
	if verdict == RIGHT:
		return Move(replace(state, stage=MESSAGE), CONFIRMED)
	if verdict == LOCKED:
		return Move(replace(state, stage=PIN_LOCKED), WITHHOLD)
	state = replace(state, wrong=state.wrong + 1)
	if state.wrong >= PIN_TRIES:
		return Move(replace(state, stage=WRONG_PIN), WITHHOLD)
	return Move(state, NOT_THE_PIN)


def _confirm(state: State, key: str) -> Move:
	if key == YES_KEY:
		return Move(replace(state, stage=MESSAGE), CONFIRMED)
	return Move(state, REPEATED if key == REPEAT_KEY else UNKNOWN)


def _message(state: State, key: str, script: Script) -> Move:
	if key == YES_KEY and script.acknowledge:
		return Move(replace(state, stage=OVER), ACKNOWLEDGED)
	return Move(state, REPEATED if key in (YES_KEY, REPEAT_KEY) else UNKNOWN)


def _answer(state: State, key: str, script: Script) -> Move:
	if key == BACK_KEY:
		return Move(replace(state, stage=MESSAGE), REPEATED)
	chosen = int(key) if key in tuple("12345") else 0
	if script.recorded and chosen == script.recorded:
		return Move(replace(state, stage=AGREE), INFORM_OF_RECORDING)
	if 0 < chosen <= script.choices and script.office and chosen == script.connects:
		return Move(replace(state, stage=ANSWERED), CONNECT, answer=chosen)
	if 0 < chosen <= script.choices:
		return Move(replace(state, stage=ANSWERED), ANSWER, answer=chosen)
	return Move(state, UNKNOWN)


def _recording(state: State, key: str) -> Move:
	"""Return the move after the listener was informed of the recording.

	Nothing is recorded without the key that agrees to it.
	"""
	if state.stage == AGREE and key == YES_KEY:
		return Move(replace(state, stage=RECORD), LISTEN)
	if key == BACK_KEY or state.stage == RECORD:
		return Move(replace(state, stage=MESSAGE), REPEATED)
	return Move(state, UNKNOWN)
