"""A school, a recording and a key press, for messages that use them."""

from school_dialer.messages.model import (
	PUBLIC,
	Recording,
	School,
)
from school_dialer.messages.spoken import ivr_state, voice
from school_dialer.messages.spoken.ivr_state import State

SCHOOL = School("Riverside School", "Riverside School", "+18005550142", "en")


def recording(holds: str = PUBLIC, ready: bool = True, seconds: float = 20) -> Recording:
	return Recording("abc123", holds, seconds, ready)


URL = "https://school.example/api/method/school_dialer.webhooks.twilio.keypress?log=a&b=<c>"


def press(made, key, stage=None):
	"""Return the move that a key makes at a stage of a call, and the TwiML that follows.

	Without a stage the call has just begun.
	"""
	script = voice.script_of(made)
	state = State(stage) if stage else ivr_state.begin_call(State(), script, gated=voice.gated(made))
	move = ivr_state.hear_keys(state, key, script)
	return move, voice.reply_twiml(made, move, URL)
