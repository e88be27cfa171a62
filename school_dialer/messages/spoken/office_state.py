"""A caller's way to the office, as a state machine: ring it, or else leave a message. Pure Python.

It is part of a call that a person is in already, whichever way it began. The state is kept in the call log.
It counts turns, so that a request which the carrier repeats, or which comes late, gets the current state
again. After `MOST_TURNS` turns the call ends, whatever a caller or a machine presses.
"""

from dataclasses import dataclass, replace

from school_dialer.messages.spoken.ivr_state import ALL_STOP_SCOPES, SCHOOL_KEY, STOP_KEY, STOP_SCOPES

DIALING, OFFER, RECORD = "dialing", "offer", "record"
KEPT, STOPPED, BACK, OVER = "kept", "stopped", "back", "over"
STAGES = (DIALING, OFFER, RECORD, KEPT, STOPPED, BACK, OVER)
"""In RECORD the caller has agreed and speaks. BACK leads to the call's own words."""
ENDS = (KEPT, STOPPED, OVER)
AGREE_KEY, RETURN_KEY = "1", "2"
MOST_TURNS = 10


@dataclass(frozen=True, slots=True)
class OfficeState:
	"""``about`` is the purpose of the call that led here, "" if nothing may be said about it.

	In STOPPED it is the scope of the opt-out.
	"""

	stage: str = ""
	turn: int = 0
	about: str = ""

	@property
	def text(self) -> str:
		return f"{self.stage}:{self.turn}:{self.about}"

	@classmethod
	def of(cls, text: str | None) -> "OfficeState":
		"""Parse `text`. An empty value is the state of a call that has not asked for the office."""
		stage, turn, about = (text or "::").split(":")
		return cls(stage, int(turn or 0), about)

	@property
	def is_open(self) -> bool:
		"""Whether the call is with the office now, rather than with its own words."""
		return self.stage not in ("", BACK)


@dataclass(frozen=True, slots=True)
class OfficeMove:
	"""``scope`` is the scope of an opt-out, "" if the key was none."""

	state: OfficeState
	scope: str = ""


def begin(state: OfficeState, *, dials: bool, about: str = "") -> OfficeState:
	"""Return the state of a caller who asks for the office. It is rung at most once in a call."""
	if state.turn >= MOST_TURNS:
		return replace(state, stage=OVER, turn=state.turn + 1)
	return OfficeState(DIALING if dials else OFFER, state.turn + 1, about)


def ended(state: OfficeState, bridged: bool) -> OfficeState:
	"""Return what follows when the office's phone is done: the end of a conversation, or the offer."""
	if state.stage != DIALING:
		return state
	return replace(state, stage=OVER if bridged else OFFER, turn=state.turn + 1)


def hear_key(state: OfficeState, digits: str, *, records: bool, returns: bool, stops: str) -> OfficeMove:
	"""Return the move that these keys make.

	``records``: a message may be left. ``returns``: there are words to go back to. ``stops``: the keys that
	opt out, which work in every stage.
	"""
	key, following = digits[:1], replace(state, turn=state.turn + 1)
	if key and key in stops:
		scope = ALL_STOP_SCOPES[key]
		return OfficeMove(replace(following, stage=STOPPED, about=scope), scope)
	if state.stage in ENDS or following.turn >= MOST_TURNS:
		return OfficeMove(replace(following, stage=state.stage if state.stage in ENDS else OVER))
	if state.stage == OFFER and records and key == AGREE_KEY:
		return OfficeMove(replace(following, stage=RECORD))
	if state.stage == OFFER and returns and key == RETURN_KEY:
		return OfficeMove(replace(following, stage=BACK))
	return OfficeMove(replace(following, stage=OFFER))


def recorded(state: OfficeState, words: bool) -> OfficeState:
	"""Return the state after a recording. Without words in it, the caller may try again."""
	turn = state.turn + 1
	if state.stage != RECORD:
		return state
	if words:
		return replace(state, stage=KEPT, turn=turn)
	return replace(state, stage=OFFER if turn < MOST_TURNS else OVER, turn=turn)


def stop_keys(own_call: bool, school: bool = False) -> str:
	"""Return the keys that opt out: all three in a call of ours, where they were explained, else the one.

	``school``: the call also explained the key that stops one school.
	"""
	if not own_call:
		return STOP_KEY
	return "".join(STOP_SCOPES) + (SCHOOL_KEY if school else "")
