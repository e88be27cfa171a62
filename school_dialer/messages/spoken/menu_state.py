"""The menu of a person who calls the school's number, as a state machine. Pure Python.

Each key leads to a stage, and a request that the carrier repeats, or that comes late, gets the current one
again. After `MOST_TURNS` keys the call ends, so a machine that presses keys forever is in it for minutes.
"""

from dataclasses import dataclass, replace

from school_dialer.messages.spoken.ivr_state import OFFICE_KEY, STOP_KEY, State

MENU, HEARD, UNKNOWN = "menu", "heard", "unknown key"
ABSENCE, OFFICE, STOPPED, OVER = "absence", "office", "stopped", "over"
ASK = "ask"
"""The caller hides their number, and is asked for the one that shall not be called any more."""
STAGES = (MENU, HEARD, UNKNOWN, ABSENCE, OFFICE, ASK, STOPPED, OVER)
"""The menu is said in MENU, in HEARD after the last message, and in UNKNOWN after a word on the key."""
HEAR_KEY, ABSENCE_KEY, DESK_KEY = "1", "2", "0"
MOST_TURNS = 8


@dataclass(frozen=True, slots=True)
class Offers:
	"""What the menu offers this caller.

	``stop``: the number is known, so that it can be opted out. ``asks``: it is hidden, so that the key that
	stops the calls leads to a question for it.
	"""

	last: bool = False
	absence: bool = False
	office: bool = False
	stop: bool = True
	asks: bool = False


def hear_key(state: State, digits: str, offers: Offers) -> State:
	"""Return the stage that these keys lead to. A key that is not offered leads to UNKNOWN.

	In ASK they are a number, which the caller of this function has found to be none.
	"""
	key, following = digits[:1], replace(state, turn=state.turn + 1)
	if key == STOP_KEY and offers.stop:
		return replace(following, stage=STOPPED)
	if state.stage in (STOPPED, OVER) or following.turn >= MOST_TURNS:
		return replace(following, stage=STOPPED if state.stage == STOPPED else OVER)
	if state.stage == ASK or (key == STOP_KEY and offers.asks):
		return replace(following, stage=ASK)
	if key == HEAR_KEY and offers.last:
		return replace(following, stage=HEARD)
	if key == ABSENCE_KEY and offers.absence:
		return replace(following, stage=ABSENCE)
	if key in (DESK_KEY, OFFICE_KEY) and offers.office:
		return replace(following, stage=OFFICE)
	return replace(following, stage=UNKNOWN)
